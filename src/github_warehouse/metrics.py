"""The metrics that are recorded for each repository every day.

Each metric is declared here and nowhere else. GraphQL queries, parsing, spool,
COPY, the statements that write snapshots and totals, audits, views that list
every metric, column comments, the data dictionary and the simulated GitHub
follow from the declaration. Only the migration that adds the columns is
written by hand.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A value that GitHub reports for every repository.

    Attributes:
        name: column of repo_snapshots, and of company_daily if summed.
        kind: count, a non-negative whole number; or flag, true or false.
        unit: unit of a count: count, or what is counted, such as kilobytes.
        meaning: description for the column comment, without unit and period.
        rest: keys of REST's repository object, newest first; empty if REST
            does not have the metric. The value is null if an answer has none
            of the keys: some keys are missing from lists.
        graphql: selections on GraphQL's Repository, each with a single leaf;
            their values are summed. Empty if GraphQL does not have the metric.
            Selections that differ only in their arguments need an alias.
        is_required: whether both APIs always return it; its column is then
            not null.
        is_summed: whether a company's total is the sum over its repositories.
    """

    name: str
    kind: Literal['count', 'flag'] = 'count'
    unit: str = 'count'
    meaning: str
    rest: tuple[str, ...]
    graphql: tuple[str, ...]
    is_required: bool = False
    is_summed: bool

    def __post_init__(self) -> None:
        """Raise a ValueError if the declaration contradicts itself."""
        if self.is_required and not (self.rest and self.graphql):
            raise ValueError(f'{self.name}: is_required needs both APIs')
        if self.kind == 'flag' and (self.is_summed or len(self.graphql) > 1):
            raise ValueError(f'{self.name}: a flag cannot be summed')

    @property
    def comment(self) -> str:
        """Return the comment on its column in repo_snapshots."""
        return f'{self._meaning}{self._when_null}.'

    @property
    def total_comment(self) -> str:
        """Return the comment on its column in company_daily."""
        meaning = self._meaning[0].lower() + self._meaning[1:]
        nulls = (
            '' if self.is_required else '; null unless known for each of them'
        )
        return f'Sum over its repositories: {meaning}{nulls}.'

    @property
    def _meaning(self) -> str:
        has_unit = self.kind == 'count'
        return f'{self.meaning}, {self.unit}' if has_unit else self.meaning

    @property
    def _when_null(self) -> str:
        if self.is_required:
            return ''
        if not self.rest:
            return '; null if read over REST, which does not have it'
        if not self.graphql:
            return '; null if read with GraphQL, which does not have it'
        return '; null if GitHub did not return it'


METRICS = (
    Metric(
        name='stars',
        meaning='Stargazers',
        # older servers have the others; watchers_count never meant watchers
        rest=('stargazers_count', 'watchers_count', 'watchers'),
        graphql=('stargazerCount',),
        is_required=True,
        is_summed=True,
    ),
    Metric(
        name='forks',
        meaning='Forks',
        rest=('forks_count', 'forks'),
        graphql=('forkCount',),
        is_required=True,
        is_summed=True,
    ),
    Metric(
        name='open_issues',
        meaning='Open issues and open pull requests together',
        rest=('open_issues_count', 'open_issues'),
        graphql=(
            'issues(states: OPEN) { totalCount }',
            'pullRequests(states: OPEN) { totalCount }',
        ),
        is_required=True,
        is_summed=True,
    ),
)
METRIC_NAMES = tuple(metric.name for metric in METRICS)
