"""Views of repositories on the latest day."""

from github_warehouse.metrics import METRICS

from .conftest import Given, View, day

# metrics that were not given
NULLS = (None,) * (len(METRICS) - 3)


def test_current_metrics_are_from_the_latest_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(
        10,
        1,
        'alpha',
        language='C++',
        is_fork=True,
        is_archived=True,
        license='MIT',
    )
    given.repo(11, 1, 'beta')
    given.snapshot(10, 1, day(1), stars=1)
    given.snapshot(10, 1, day(2), stars=2, forks=3, open_issues=4)
    given.snapshot(11, 1, day(2), observed_on=day(1))

    assert view('current_repo_metrics') == [
        (10, 'acme', 'alpha', '1/alpha', 'C++', True, True, 'MIT', day(2))
        + (2, 3, 4, *NULLS, day(2)),
        (11, 'acme', 'beta', '1/beta', None, False, False, None, day(2))
        + (0, 0, 0, *NULLS, day(1)),
    ]


def test_removed_repository_is_not_current(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(11, 1, 'beta', removed_on=day(2))
    given.snapshot(10, 1, day(1), stars=1)
    given.snapshot(11, 1, day(1), stars=9)
    given.snapshot(10, 1, day(2), stars=2)

    assert view('repo_activity_score') == [('acme', 'alpha', 2)]


def test_untracked_company_is_not_current(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'gone', is_tracked=False)
    given.repo(10, 1, 'alpha')
    given.repo(20, 2, 'omega')
    given.snapshot(20, 2, day(1), stars=9)
    given.languages(20, day(1), {'Go': 5})
    given.snapshot(10, 1, day(2), stars=2)
    given.languages(10, day(2), {'C': 5})

    assert view('repo_activity_score') == [('acme', 'alpha', 2)]
    assert view('current_repo_languages') == [
        (10, 'acme', 'alpha', '1/alpha', 'C', 5, 100.0, day(2))
    ]


def test_repository_that_moved_belongs_to_its_new_company(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(10, 2, 'alpha')
    given.snapshot(10, 1, day(1), stars=1)
    given.snapshot(10, 2, day(2), stars=2)

    assert view('repo_activity_score') == [('bolt', 'alpha', 2)]


def test_repository_that_moves_later_stays_with_the_owner_of_the_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(10, 2, 'alpha')
    given.snapshot(10, 1, day(1), stars=5, forks=5, open_issues=5)
    given.languages(10, day(1), {'Go': 5})

    assert view('repo_activity_score') == [('acme', 'alpha', 15)]
    for ranking in (
        'company_largest_repos',
        'company_top_forked_repos',
        'most_open_issues_repos',
        'top_repos_per_company',
    ):
        assert view(ranking) == [('acme', 'alpha', 5, 1)]
    assert view('trending_repos') == [
        ('acme', 'alpha', '2/alpha', 10, 5) + (None,) * 6
    ]
    assert view('current_repo_metrics') == [
        (10, 'acme', 'alpha', '2/alpha', None, False, False, None, day(1))
        + (5, 5, 5, *NULLS, day(1))
    ]
    assert view('current_repo_languages') == [
        (10, 'acme', 'alpha', '2/alpha', 'Go', 5, 100.0, day(1))
    ]


def test_activity_adds_counts_of_any_size(given: Given, view: View) -> None:
    largest = 2**31 - 1
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(11, 1, 'beta')
    given.snapshot(10, 1, day(1), largest, largest, largest)
    given.snapshot(11, 1, day(1), stars=1, forks=20, open_issues=300)

    assert view('repo_activity_score') == [
        ('acme', 'alpha', 3 * largest),
        ('acme', 'beta', 321),
    ]


def test_removed_language_is_not_current(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(1))
    given.languages(10, day(1), {'Perl': 10, 'Go': 10})
    given.snapshot(10, 1, day(2))
    given.languages(10, day(2), {'Go': 20, 'C++': 10})

    assert view('current_repo_languages') == [
        (10, 'acme', 'alpha', '1/alpha', 'C++', 10, 33.33, day(2)),
        (10, 'acme', 'alpha', '1/alpha', 'Go', 20, 66.67, day(2)),
    ]


def test_repository_that_lost_all_languages_is_absent(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(1))
    given.languages(10, day(1), {'Go': 10})
    given.snapshot(10, 1, day(2))

    assert view('current_repo_languages') == []
    assert view('company_largest_repos') == []


def test_language_of_no_bytes_has_no_share(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(1))
    given.languages(10, day(1), {'Go': 0})

    assert view('current_repo_languages') == [
        (10, 'acme', 'alpha', '1/alpha', 'Go', 0, None, day(1))
    ]


def test_names_are_returned_unchanged(given: Given, view: View) -> None:
    given.company(1, 'Ünïcorn')
    given.repo(10, 1, '数据-仓库')
    given.snapshot(10, 1, day(1))
    given.languages(10, day(1), {'C++': 2**40, 'c++': 2**40, 'Vim Script': 0})

    assert view('current_repo_languages') == [
        (
            10,
            'Ünïcorn',
            '数据-仓库',
            '1/数据-仓库',
            'C++',
            2**40,
            50.0,
            day(1),
        ),
        (
            10,
            'Ünïcorn',
            '数据-仓库',
            '1/数据-仓库',
            'Vim Script',
            0,
            0.0,
            day(1),
        ),
        (
            10,
            'Ünïcorn',
            '数据-仓库',
            '1/数据-仓库',
            'c++',
            2**40,
            50.0,
            day(1),
        ),
    ]
