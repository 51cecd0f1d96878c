"""The GraphQL queries, and the repository fields that they select.

A server that does not know a field refuses the whole query. If the column of
the field may be null, the rest of the run leaves the field out.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from github_warehouse.metrics import METRICS

_QUERIES = Path(__file__).parent / 'queries'
_ARGUMENTS = re.compile(r'\([^()]*\)')
_ALIASED = re.compile(r'(\w+)\s*:\s*(\w+)')
_TYPE_CONDITION = re.compile(r'\.\.\.\s*on\s+\w+')


@dataclass(frozen=True)
class Selection:
    """A selection on Repository with one leaf, on one line.

    Attributes:
        text: the selection as it is sent.
        steps: keys that lead to the leaf in the answer.
        leaf: key of the leaf.
        fields: names of the selected fields.
    """

    text: str
    steps: tuple[str, ...]
    leaf: str
    fields: tuple[str, ...]


def _selection(text: str) -> Selection:
    bare = _TYPE_CONDITION.sub('', _ARGUMENTS.sub('', text))
    *steps, leaf = re.findall(r'\w+', _ALIASED.sub(r'\1', bare))
    fields = re.findall(r'\w+', _ALIASED.sub(r'\2', bare))
    return Selection(text, tuple(steps), leaf, tuple(fields))


SELECTIONS = {
    metric.name: tuple(_selection(text) for text in metric.graphql)
    for metric in METRICS
}
# Lines of repository_fields.graphql that a repository can be stored without.
_OPTIONAL = {
    selection.text: selection
    for selection in (
        _selection('primaryLanguage { name }'),
        _selection('licenseInfo { spdxId }'),
        *(
            selection
            for metric in METRICS
            for selection in SELECTIONS[metric.name]
            if not metric.is_required
        ),
    )
}


@functools.cache
def read_query(name: str, lacking: frozenset[str] = frozenset()) -> str:
    """Return a query with the fragment that it uses.

    In the fragment, the line `{metric}` stands for the selections of all
    metrics.

    Args:
        name: name of the file, without suffix.
        lacking: fields to leave out; `may_lack` must allow them.
    """
    query = (_QUERIES / f'{name}.graphql').read_text('utf-8')
    if '...RepositoryFields' not in query:
        return query
    fragment = (_QUERIES / 'repository_fields.graphql').read_text('utf-8')
    lines: list[str] = []
    for line in fragment.splitlines():
        if line.strip() != '{metric}':
            lines.append(line)
            continue
        texts = [s.text for each in SELECTIONS.values() for s in each]
        # metrics may share a selection
        lines += [f'  {text}' for text in dict.fromkeys(texts)]
    return query + ''.join(
        f'{line}\n' for line in lines if not _is_lacking(line, lacking)
    )


def may_lack(fields: Iterable[str]) -> bool:
    """Return whether repositories can be stored without these fields."""
    optional = {f for each in _OPTIONAL.values() for f in each.fields}
    return optional.issuperset(fields)


def _is_lacking(line: str, lacking: frozenset[str]) -> bool:
    selection = _OPTIONAL.get(line.strip())
    return selection is not None and not lacking.isdisjoint(selection.fields)
