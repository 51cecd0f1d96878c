"""The SQL that runs, kept in files with names.

A file is SQL, but for lines that contain one of these names. Such a line, or
several of them one after the other together, is repeated for the metrics that
`github_warehouse.metrics` declares:

    {metric}   for every metric
    {count}    for every metric that is a count
    {total}    for every metric of which a company has a total

In them {type} is the type of the metric's column and {comment} its comment. No
other SQL is generated; `github-warehouse statements NAME` prints what runs.
"""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from github_warehouse.errors import UsageError
from github_warehouse.metrics import METRICS, Metric

_HERE = Path(__file__).parent
SQL = _HERE / 'sql'
AUDITS = _HERE / 'audits'
VIEWS = _HERE / 'views'

_STANDS_FOR: dict[str, Callable[[Metric], bool]] = {
    'metric': lambda metric: True,
    'count': lambda metric: metric.kind == 'count',
    'total': lambda metric: metric.is_summed,
}
_PLACEHOLDER = re.compile(r'\{(metric|count|total)\}')
_TYPES = {'count': 'integer', 'flag': 'boolean'}


def read_sql(name: str) -> str:
    """Return a statement of the folder `sql`, as it runs.

    `{languages_are_due}` in it stands for the condition of that file; other
    names in braces are identifiers that are filled in where it runs.
    """
    text = render(SQL / f'{name}.sql')
    if '{languages_are_due}' in text:
        return text.replace(
            '{languages_are_due}', read_sql('languages_are_due')
        )
    return text


def render(path: Path) -> str:
    """Return the SQL of a file, a line for each metric where it says so."""
    lines = path.read_text('utf-8').splitlines(keepends=True)
    parts: list[str] = []
    for stands_for, group in itertools.groupby(lines, _placeholder):
        text = ''.join(group)
        parts += [text] if stands_for is None else _repeated(text, stands_for)
    return ''.join(parts)


def column_type(metric: Metric) -> str:
    """Return the type of a metric's column in repo_snapshots."""
    nullable = ' not null' if metric.is_required else ''
    return _TYPES[metric.kind] + nullable


def find_statement(name: str) -> Path:
    """Find the file of a statement, an audit or a view.

    Raises:
        UsageError: there is none of that name.
    """
    files = statement_files()
    if name not in files:
        raise UsageError(
            f'there is no statement {name}: `github-warehouse statements` '
            'lists them'
        )
    return files[name]


def statement_files() -> dict[str, Path]:
    """Return the files of all statements, audits and views by name."""
    return {
        path.stem: path
        for folder in (SQL, AUDITS, VIEWS)
        for path in sorted(folder.glob('*.sql'))
    }


def _placeholder(line: str) -> str | None:
    found = _PLACEHOLDER.search(line)
    return found[1] if found else None


def _repeated(text: str, stands_for: str) -> list[str]:
    return [
        text.replace(f'{{{stands_for}}}', metric.name)
        .replace('{type}', column_type(metric))
        .replace('{comment}', _comment(metric, stands_for == 'total'))
        for metric in METRICS
        if _STANDS_FOR[stands_for](metric)
    ]


def _comment(metric: Metric, is_total: bool) -> str:
    comment = metric.total_comment if is_total else metric.comment
    return "'" + comment.replace("'", "''") + "'"
