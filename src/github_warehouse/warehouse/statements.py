"""Read SQL from files, and fill in the metrics.

A line that contains one of these placeholders is repeated for metrics that
`github_warehouse.metrics` declares. Consecutive lines with the same
placeholder are repeated together.

    {metric}   for every metric
    {count}    for every metric that is a count
    {total}    for every metric with a company total

In such lines, {type} is the type of the metric's column and {comment} is its
comment. No other SQL is generated. `github-warehouse statements NAME` prints
the result.
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
CONTRACTS = _HERE / 'contracts'

_APPLIES_TO: dict[str, Callable[[Metric], bool]] = {
    'metric': lambda metric: True,
    'count': lambda metric: metric.kind == 'count',
    'total': lambda metric: metric.is_summed,
}
_PLACEHOLDER = re.compile(r'\{(metric|count|total)\}')
_TYPES = {'count': 'integer', 'flag': 'boolean'}


def read_sql(name: str) -> str:
    """Return a statement from the folder `sql`, as it runs.

    `{languages_are_due}` is replaced by the contents of that file. Other names
    in braces are identifiers that the caller fills in.
    """
    text = render(SQL / f'{name}.sql')
    if '{languages_are_due}' in text:
        return text.replace(
            '{languages_are_due}', read_sql('languages_are_due')
        )
    return text


def render(path: Path) -> str:
    """Return the SQL of a file, with its lines for metrics repeated."""
    lines = path.read_text('utf-8').splitlines(keepends=True)
    parts: list[str] = []
    for placeholder, group in itertools.groupby(lines, _placeholder):
        text = ''.join(group)
        parts += [text] if placeholder is None else _repeat(text, placeholder)
    return ''.join(parts)


def column_type(metric: Metric) -> str:
    """Return the type of a metric's column in repo_snapshots."""
    nullable = ' not null' if metric.is_required else ''
    return _TYPES[metric.kind] + nullable


def find_statement(name: str) -> Path:
    """Find the file of a statement, an audit, a view or a contract relation.

    Raises:
        UsageError: there is no statement with that name.
    """
    files = statement_files()
    if name not in files:
        raise UsageError(
            f'there is no statement {name}: `github-warehouse statements` '
            'lists all of them'
        )
    return files[name]


def statement_files() -> dict[str, Path]:
    """Return all files of SQL by name."""
    return {
        path.stem: path
        for folder in (SQL, AUDITS, VIEWS, CONTRACTS)
        for path in sorted(folder.glob('*.sql'))
    }


def _placeholder(line: str) -> str | None:
    found = _PLACEHOLDER.search(line)
    return found[1] if found else None


def _repeat(text: str, placeholder: str) -> list[str]:
    return [
        text.replace(f'{{{placeholder}}}', metric.name)
        .replace('{type}', column_type(metric))
        .replace('{comment}', _comment(metric, placeholder == 'total'))
        for metric in METRICS
        if _APPLIES_TO[placeholder](metric)
    ]


def _comment(metric: Metric, is_total: bool) -> str:
    comment = metric.total_comment if is_total else metric.comment
    return "'" + comment.replace("'", "''") + "'"
