"""Views of the languages of companies."""

from .conftest import Given, View, day


def test_popularity_is_the_share_of_bytes_on_the_latest_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {'Perl': 100})
    given.company_day(1, day(2))
    given.company_languages(1, day(2), {'Go': 2, 'C++': 1}, repos=3)
    given.company_day(2, day(2))
    given.company_languages(2, day(2), {'Go': 2**40})

    assert view('language_popularity_by_company') == [
        ('acme', 'C++', 1, 33.33, 3),
        ('acme', 'Go', 2, 66.67, 3),
        ('bolt', 'Go', 2**40, 100.0, 1),
    ]


def test_popularity_is_empty_on_a_day_without_languages(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {'Go': 100})
    given.company_day(1, day(2))

    assert view('language_popularity_by_company') == []
    assert view('top_languages') == []
    assert view('company_language_diversity') == []


def test_untracked_company_is_left_out_of_popularity(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'gone', is_tracked=False)
    given.company_day(2, day(1))
    given.company_languages(2, day(1), {'Go': 9})
    given.company_day(1, day(2))
    given.company_languages(1, day(2), {'C': 5})

    assert view('language_popularity_by_company') == [
        ('acme', 'C', 5, 100.0, 1)
    ]
    assert view('top_languages') == [('C', 5, 100.0, 1, 1)]
    assert view('company_language_diversity') == [('acme', 1, 'C', 100.0, 1.0)]
    assert view('language_trend_by_company') == [
        ('acme', day(2), 'C', 5, 100.0, 1, True),
        ('gone', day(1), 'Go', 9, 100.0, 1, True),
    ]


def test_companies_with_one_name_have_separate_shares(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'acme')
    given.company_day(1, day(1))
    given.company_day(2, day(1))
    given.company_languages(1, day(1), {'Go': 10})
    given.company_languages(2, day(1), {'Go': 10, 'C': 30})

    assert view('language_popularity_by_company') == [
        ('acme', 'C', 30, 75.0, 1),
        ('acme', 'Go', 10, 25.0, 1),
        ('acme', 'Go', 10, 100.0, 1),
    ]
    assert view('language_trend_by_company') == [
        ('acme', day(1), 'C', 30, 75.0, 1, True),
        ('acme', day(1), 'Go', 10, 25.0, 1, True),
        ('acme', day(1), 'Go', 10, 100.0, 1, True),
    ]
    assert view('company_language_diversity') == [
        ('acme', 1, 'Go', 100.0, 1.0),
        ('acme', 2, 'C', 75.0, 1.75),
    ]


def test_trend_has_the_shares_of_every_day(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company_languages(1, day(1), {'Go': 30, 'Perl': 10})
    given.company_languages(1, day(3), {'Go': 2**32}, repos=2)

    assert view('language_trend_by_company') == [
        ('acme', day(1), 'Go', 30, 75.0, 1, True),
        ('acme', day(1), 'Perl', 10, 25.0, 1, True),
        ('acme', day(3), 'Go', 2**32, 100.0, 2, True),
    ]


def test_top_languages_add_up_over_companies(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.company_day(1, day(1))
    given.company_day(2, day(1))
    given.company_languages(1, day(1), {'C++': 2**40, 'Go': 2**40}, repos=2)
    given.company_languages(2, day(1), {'C++': 2**41, 'c++': 0}, repos=3)

    assert view('top_languages') == [
        ('C++', 3 * 2**40, 75.0, 5, 2),
        ('Go', 2**40, 25.0, 2, 1),
        ('c++', 0, 0.0, 3, 1),
    ]


def test_languages_of_no_bytes_have_no_share(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {'Go': 0, 'C': 0})

    assert view('language_popularity_by_company') == [
        ('acme', 'C', 0, None, 1),
        ('acme', 'Go', 0, None, 1),
    ]
    assert view('language_trend_by_company') == [
        ('acme', day(1), 'C', 0, None, 1, True),
        ('acme', day(1), 'Go', 0, None, 1, True),
    ]
    assert view('top_languages') == [
        ('C', 0, None, 1, 1),
        ('Go', 0, None, 1, 1),
    ]
    assert view('company_language_diversity') == [('acme', 2, 'C', None, None)]


def test_effective_languages_of_equal_shares_is_their_count(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {'Rust': 7, 'C': 7, 'Go': 7, 'D': 7})

    assert view('company_language_diversity') == [('acme', 4, 'C', 25.0, 4.0)]


def test_effective_languages_of_unequal_shares_is_below_their_count(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {'Go': 98, 'C': 1, 'D': 1, 'Vim': 0})

    # exp(-(0.98 ln 0.98 + 2 × 0.01 ln 0.01)) = 1.1184
    assert view('company_language_diversity') == [
        ('acme', 4, 'Go', 98.0, 1.12)
    ]


def test_leading_languages_are_the_six_largest_of_any_company(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    for number in (1, 2):
        given.company_day(1, day(number))
        given.company_languages(
            1, day(number), {f'L{n}': 10 * n + number for n in range(1, 8)}
        )
    given.company_day(2, day(2))
    given.company_languages(2, day(2), {'L1': 5, 'L9': 4})

    found = view('company_leading_languages')
    # acme has seven; L1 leads only at bolt
    assert [row[:3] for row in found] == [
        ('acme', day(number), f'L{n}')
        for number in (1, 2)
        for n in range(1, 8)
    ] + [('bolt', day(2), 'L1'), ('bolt', day(2), 'L9')]
    assert [row[3] for row in found if row[2] == 'L7'] == [71, 72]


def test_a_language_below_the_top_six_is_not_leading(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1))
    given.company_languages(1, day(1), {f'L{n}': n for n in range(1, 9)})

    assert [row[2] for row in view('company_leading_languages')] == [
        f'L{n}' for n in range(3, 9)
    ]
