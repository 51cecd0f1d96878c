"""The metrics: what is recorded of each repository every day.

Each is declared here and nowhere else. From the declaration follow the fields
of the GraphQL queries, parsing, spool and COPY, the statements that write
snapshots and totals, audits, views that list every metric, column comments,
the data dictionary and the simulated GitHub. Only the migration that adds the
columns is written by hand.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """A value that GitHub reports of every repository.

    Attributes:
        name: column of repo_snapshots, and of company_daily if summed.
        kind: count, a whole number that is not negative; or flag.
        unit: of a count: count, or what is counted, such as kilobytes.
        meaning: what it is, without unit and full stop.
        rest: where a repository object of REST has it, newest key first;
            empty where REST lacks it. Where an answer lacks all of them, as
            lists lack some keys that single answers have, it is null.
        graphql: selections on GraphQL's Repository, each with a single leaf,
            whose values are summed; empty where GraphQL lacks it. Two that
            differ only in arguments need an alias.
        is_required: GitHub always gives it, so the column is not null.
        is_summed: a company's total is the sum over its repositories.
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
        """Refuse a declaration that could not be followed."""
        if self.is_required and not (self.rest and self.graphql):
            raise ValueError(f'{self.name}: one API lacks it, so it is null')
        if self.kind == 'flag' and (self.is_summed or len(self.graphql) > 1):
            raise ValueError(f'{self.name}: a flag cannot be summed')

    @property
    def comment(self) -> str:
        """The comment of its column in repo_snapshots."""
        return f'{self._meaning}{self._when_null}.'

    @property
    def total_comment(self) -> str:
        """The comment of its column in company_daily."""
        meaning = self._meaning[0].lower() + self._meaning[1:]
        nulls = '' if self.is_required else '; null unless known of each'
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
            return '; null where it was read by REST, which lacks it'
        if not self.graphql:
            return '; null where it was read by GraphQL, which lacks it'
        return '; null where GitHub did not give it'


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
