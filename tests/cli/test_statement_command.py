"""The command `statements` prints the executed SQL."""

from github_warehouse.metrics import METRIC_NAMES
from github_warehouse.warehouse.statements import AUDITS, CONTRACTS, SQL, VIEWS

from .conftest import Command


def test_every_statement_is_listed_with_its_folder(command: Command) -> None:
    done = command('statements')
    expected = [
        (path.stem, folder.name)
        for folder in (SQL, AUDITS, VIEWS, CONTRACTS)
        for path in sorted(folder.glob('*.sql'))
    ]
    listed = [tuple(line.split()) for line in done.stdout.splitlines()]
    assert (done.returncode, listed) == (0, expected)


def test_a_statement_is_printed_as_executed(command: Command) -> None:
    done = command('statements', 'rewrite_snapshots')
    lines = [line.strip() for line in done.stdout.splitlines()]
    set_lines = [f'{name} = excluded.{name},' for name in METRIC_NAMES]
    assert done.returncode == 0
    assert [line for line in lines if line in set_lines] == set_lines
    assert '{' not in done.stdout


def test_repeated_groups_of_lines_stay_together(
    command: Command,
) -> None:
    done = command('statements', 'write_company_daily')
    for name in METRIC_NAMES[:3]:
        assert (
            f'case when count(repo_snapshots.{name}) = count(*)\n'
            f'        then sum(repo_snapshots.{name}) end as {name},\n'
        ) in done.stdout


def test_a_view_is_printed_with_its_comments(command: Command) -> None:
    done = command('statements', 'current_repo_metrics')
    assert (
        "comment on column current_repo_metrics.stars is 'Stargazers, count.';"
        in done.stdout
    )


def test_an_unknown_statement_is_a_usage_error(command: Command) -> None:
    done = command('statements', 'nope')
    assert (done.returncode, done.stdout) == (2, '')
    assert 'there is no statement nope' in done.stderr
