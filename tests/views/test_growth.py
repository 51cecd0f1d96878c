"""Views of changes from day to day."""

from github_warehouse.metrics import METRICS

from .conftest import Given, View, day

# totals that were not given
NULLS = (None,) * (sum(metric.is_summed for metric in METRICS) - 3)


def test_stars_grow_from_day_to_day(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(11, 1, 'beta')
    given.snapshot(10, 1, day(1), stars=5)
    given.snapshot(10, 1, day(2), stars=9)
    given.snapshot(10, 1, day(3), stars=7)
    given.snapshot(11, 1, day(3), stars=100)

    assert view('repo_daily_growth') == [
        (10, '1/alpha', day(1), 5, None),
        (10, '1/alpha', day(2), 9, 4),
        (10, '1/alpha', day(3), 7, -2),
        (11, '1/beta', day(3), 100, None),
    ]


def test_growth_after_a_missing_day_spans_it(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(1), stars=5)
    given.snapshot(10, 1, day(4), stars=11)

    assert view('repo_daily_growth') == [
        (10, '1/alpha', day(1), 5, None),
        (10, '1/alpha', day(4), 11, 6),
    ]


def test_growth_continues_after_a_transfer(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(10, 2, 'alpha')
    given.snapshot(10, 1, day(1), stars=5)
    given.snapshot(10, 2, day(2), stars=6)

    assert view('repo_daily_growth') == [
        (10, '2/alpha', day(1), 5, None),
        (10, '2/alpha', day(2), 6, 1),
    ]


def test_repositories_with_one_full_name_grow_separately(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha', removed_on=day(2))
    given.repo(11, 1, 'alpha')
    given.snapshot(10, 1, day(1), stars=50)
    given.snapshot(11, 1, day(2), stars=1)

    assert view('repo_daily_growth') == [
        (10, '1/alpha', day(1), 50, None),
        (11, '1/alpha', day(2), 1, None),
    ]


def test_company_totals_are_of_their_own_day(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company(2, 'gone', is_tracked=False)
    given.company_day(1, day(1), repos=2, stars=30, forks=4, open_issues=1)
    given.company_day(1, day(2), repos=3, stars=2**40, forks=5, open_issues=0)
    given.company_day(2, day(1), repos=1, stars=7)

    assert view('company_total_stars') == [
        ('acme', day(1), 30, 4, 1, *NULLS, 2, None),
        ('acme', day(2), 2**40, 5, 0, *NULLS, 3, None),
        ('gone', day(1), 7, 0, 0, *NULLS, 1, None),
    ]


def test_companies_with_one_name_keep_separate_totals(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'acme')
    given.company_day(1, day(1), repos=1, stars=10)
    given.company_day(2, day(1), repos=2, stars=20)
    given.company_day(2, day(2), repos=2, stars=21)

    assert view('company_total_stars') == [
        ('acme', day(1), 10, 0, 0, *NULLS, 1, None),
        ('acme', day(1), 20, 0, 0, *NULLS, 2, None),
        ('acme', day(2), 21, 0, 0, *NULLS, 2, None),
    ]
    assert view('company_daily_growth') == [
        ('acme', day(1), 10, None, 0, None, 1, None),
        ('acme', day(1), 20, None, 0, None, 2, None),
        ('acme', day(2), 21, 1, 0, 0, 2, 0),
    ]


def test_companies_grow_and_shrink(given: Given, view: View) -> None:
    given.company(1, 'acme')
    given.company_day(1, day(1), repos=5, stars=50, forks=8)
    given.company_day(1, day(2), repos=6, stars=58, forks=8)
    given.company_day(1, day(3), repos=4, stars=41, forks=3)

    assert view('company_daily_growth') == [
        ('acme', day(1), 50, None, 8, None, 5, None),
        ('acme', day(2), 58, 8, 8, 0, 6, 1),
        ('acme', day(3), 41, -17, 3, -5, 4, -2),
    ]


def test_trends_compare_with_exactly_1_7_and_30_days_before(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(31), stars=150)
    given.snapshot(10, 1, day(30), stars=147)
    given.snapshot(10, 1, day(29), stars=1)
    given.snapshot(10, 1, day(24), stars=160)
    given.snapshot(10, 1, day(1), stars=50)

    assert view('trending_repos') == [
        ('acme', 'alpha', '1/alpha', 10, 150, 3, -10, 100, 2.04, -6.25, 200.0)
    ]


def test_trends_are_null_without_a_snapshot_of_that_day(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.repo(11, 1, 'beta')
    given.snapshot(10, 1, day(31), stars=9)
    given.snapshot(10, 1, day(29), stars=8)
    given.snapshot(11, 1, day(30), stars=8)

    assert view('trending_repos') == [
        ('acme', 'alpha', '1/alpha', 10, 9) + (None,) * 6
    ]


def test_trends_have_no_percent_of_zero_stars(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.repo(10, 1, 'alpha')
    given.snapshot(10, 1, day(8), stars=4)
    given.snapshot(10, 1, day(7), stars=4)
    given.snapshot(10, 1, day(1), stars=0)

    assert view('trending_repos') == [
        ('acme', 'alpha', '1/alpha', 10, 4, 0, 4, None, 0.0, None, None)
    ]


def test_trends_follow_a_repository_to_its_new_company(
    given: Given, view: View
) -> None:
    given.company(1, 'acme')
    given.company(2, 'bolt')
    given.repo(10, 2, 'alpha')
    given.snapshot(10, 1, day(1), stars=10)
    given.snapshot(10, 2, day(2), stars=11)

    assert view('trending_repos') == [
        ('bolt', 'alpha', '2/alpha', 10, 11, 1)
        + (None, None, 10.0, None, None)
    ]
