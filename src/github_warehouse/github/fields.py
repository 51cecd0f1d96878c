"""The GraphQL queries, and the fields of a repository in them.

A server that is too old for a field refuses the whole query. A field whose
column may be null is then left out, for the rest of the run.
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
        text: as it is sent.
        steps: keys of the answer on the way to the leaf.
        leaf: its key.
        fields: names of the fields that it asks for.
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
# Lines of repository_fields.graphql without which a repository can be stored.
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
    """Return a query, with the fragment it uses.

    In the fragment, the line `{metric}` stands for the selections of all
    metrics.

    Args:
        name: of its file.
        lacking: fields to leave out, all of which `may_lack` allows.
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
    """Tell whether repositories can be stored without these fields."""
    optional = {f for each in _OPTIONAL.values() for f in each.fields}
    return optional.issuperset(fields)


def _is_lacking(line: str, lacking: frozenset[str]) -> bool:
    selection = _OPTIONAL.get(line.strip())
    return selection is not None and not lacking.isdisjoint(selection.fields)
