"""Views that rank repositories."""

import pytest

from .conftest import Given, View, day

RANKINGS = [
    'company_top_forked_repos',
    'top_repos_per_company',
    'company_largest_repos',
]


def test_five_most_forked_of_each_company(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    for number in range(1, 8):
        given.repo(number, 1, f'repo-{number}')
        given.snapshot(number, 1, day(1), forks=number * 10)
    given.repo(20, 2, 'only')
    given.snapshot(20, 2, day(1), forks=0)

    assert view('company_top_forked_repos') == [
        ('acme', 'repo-3', 30, 5),
        ('acme', 'repo-4', 40, 4),
        ('acme', 'repo-5', 50, 3),
        ('acme', 'repo-6', 60, 2),
        ('acme', 'repo-7', 70, 1),
        ('bolt', 'only', 0, 1),
    ]


@pytest.mark.parametrize('ranking', RANKINGS)
def test_ties_within_a_company_go_by_name_then_id(
    ranking: str, given: Given, view: View
) -> None:
    given.company(1, 'acme')
    names = {14: 'a', 13: 'b', 12: 'c', 11: 'same', 10: 'same'}
    for repo_id, name in names.items():
        given.repo(repo_id, 1, name)
        given.snapshot(repo_id, 1, day(1), stars=3, forks=3)
        given.languages(repo_id, day(1), {'Go': 3})

    assert view(ranking) == [
        ('acme', 'a', 3, 1),
        ('acme', 'b', 3, 2),
        ('acme', 'c', 3, 3),
        ('acme', 'same', 3, 4),
        ('acme', 'same', 3, 5),
    ]


@pytest.mark.parametrize('ranking', RANKINGS)
def test_companies_with_one_name_are_ranked_separately(
    ranking: str, given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(20, 2, 'beta')
    given.snapshot(10, 1, day(1), stars=5, forks=5)
    given.snapshot(20, 2, day(1), stars=9, forks=9)
    given.languages(10, day(1), {'Go': 5})
    given.languages(20, day(1), {'Go': 9})

    assert view(ranking) == [('acme', 'alpha', 5, 1), ('acme', 'beta', 9, 1)]


@pytest.mark.parametrize('ranking', RANKINGS)
def test_rankings_are_of_the_latest_day(
    ranking: str, given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(11, 1, 'beta')
    for repo_id, number, count in [
        (10, 1, 90),
        (11, 1, 50),
        (10, 2, 10),
        (11, 2, 50),
    ]:
        given.snapshot(repo_id, 1, day(number), stars=count, forks=count)
        given.languages(repo_id, day(number), {'Go': count})

    assert view(ranking) == [
        ('acme', 'alpha', 10, 2),
        ('acme', 'beta', 50, 1),
    ]


def test_ten_most_starred_of_each_company(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    for number in range(11):
        given.repo(number, 1, f'repo-{number:02}')
        given.snapshot(number, 1, day(1), stars=100)
    given.repo(20, 2, 'only')
    given.snapshot(20, 2, day(1), stars=7)

    assert view('top_repos_per_company') == [
        ('acme', f'repo-{number:02}', 100, number + 1) for number in range(10)
    ] + [('bolt', 'only', 7, 1)]


def test_twenty_with_most_open_issues_of_all_companies(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(50, 2, 'busiest')
    given.snapshot(50, 2, day(1), open_issues=9)
    given.repo(60, 2, 'quiet')
    given.snapshot(60, 2, day(1), open_issues=0)
    for number in range(20):
        given.repo(number, 1, f'repo-{number:02}')
        given.snapshot(number, 1, day(1), open_issues=5)

    assert view('most_open_issues_repos') == [
        ('acme', f'repo-{number:02}', 5, number + 2) for number in range(19)
    ] + [('bolt', 'busiest', 9, 1)]


def test_ties_on_open_issues_go_by_name_then_id(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(12, 1, 'same')
    given.repo(11, 2, 'same')
    given.repo(13, 2, 'first')
    given.snapshot(11, 2, day(1), open_issues=5)
    given.snapshot(12, 1, day(1), open_issues=5)
    given.snapshot(13, 2, day(1), open_issues=5)

    assert view('most_open_issues_repos') == [
        ('acme', 'same', 5, 3),
        ('bolt', 'first', 5, 1),
        ('bolt', 'same', 5, 2),
    ]


def test_ten_largest_of_each_company(given: Given, view: View) -> None:
    given.company(1, 'acme')
    for number in range(12):
        given.repo(number, 1, f'repo-{number:02}')
        given.snapshot(number, 1, day(1))
        given.languages(number, day(1), {'Go': 2**31, 'C++': number // 2})

    assert view('company_largest_repos') == [
        ('acme', 'repo-02', 2**31 + 1, 9),
        ('acme', 'repo-03', 2**31 + 1, 10),
        ('acme', 'repo-04', 2**31 + 2, 7),
        ('acme', 'repo-05', 2**31 + 2, 8),
        ('acme', 'repo-06', 2**31 + 3, 5),
        ('acme', 'repo-07', 2**31 + 3, 6),
        ('acme', 'repo-08', 2**31 + 4, 3),
        ('acme', 'repo-09', 2**31 + 4, 4),
        ('acme', 'repo-10', 2**31 + 5, 1),
        ('acme', 'repo-11', 2**31 + 5, 2),
    ]
