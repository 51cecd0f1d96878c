"""A small in-memory model of the expected content of the warehouse.

The model has days, observations and removals, but no SQL, partitions,
transactions or HTTP. Its companies are small enough that every run sweeps
them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from github_simulator import World
from github_warehouse.metrics import METRICS
from truth import true_metrics

Languages = dict[str, int] | None
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Snapshot:
    """The expected snapshot of a repository on a day.

    Attributes:
        metrics: in the order of METRICS; None if the API lacks one.
        languages: None if the model does not know when they were read; then
            every set that GitHub returned for the repository is valid.
        may_be_unread: whether an empty set is valid as well.
    """

    company: int
    metrics: tuple[int | None, ...]
    observed_on: date
    languages: Languages
    may_be_unread: bool = False


@dataclass
class Repository:
    """A repository that was recorded at least once.

    Attributes:
        may_be_unread: whether its languages may not have been read yet in
            this tracking period.
    """

    company: int
    tracked_from: date
    removed_on: date | None = None
    empty_since: date | None = None
    may_be_unread: bool = True


@dataclass
class History:
    """The expected content of the warehouse.

    Attributes:
        tracked: ids of the tracked companies.
        repositories: repositories by id.
        days: snapshots by day and repository id.
        totals: by company and day, the number of repositories and the sums
            of the metrics that have a total.
        read_on: day of the watermark, by company.
        returned_languages: by repository, every set of languages that
            GitHub had for it during a run.
    """

    tracked: set[int] = field(default_factory=set)
    repositories: dict[int, Repository] = field(default_factory=dict)
    days: dict[date, dict[int, Snapshot]] = field(default_factory=dict)
    totals: dict[tuple[int, date], tuple[int | None, ...]] = field(
        default_factory=dict
    )
    read_on: dict[int, date] = field(default_factory=dict)
    returned_languages: dict[int, set[frozenset[tuple[str, int]]]] = field(
        default_factory=dict
    )

    def run(
        self,
        world: World,
        failed: Collection[int],
        hidden: Mapping[int, int],
        is_rest: bool,
        reads_languages: bool = True,
        dropped: Collection[int] = (),
    ) -> None:
        """Record one run on the world's day.

        Args:
            world: state of the simulated GitHub.
            failed: companies that could not be read.
            hidden: the repository missing from a partial list, by company.
            is_rest: read over REST, which reads only some languages.
            reads_languages: whether all due languages could be read.
            dropped: companies that were untracked while they were read.
        """
        today = world.today
        for repository in world.repositories.values():
            self.returned_languages.setdefault(repository.id, set()).add(
                frozenset(repository.languages.items())
            )
        base = max(self.days, default=None)
        read = self.tracked - set(failed)
        whole = read - set(hidden)
        seen = {
            r.id
            for r in world.repositories.values()
            if r.is_public and r.owner_id in read
        } - set(hidden.values())
        missing = {
            repo_id
            for repo_id, known in self.repositories.items()
            if known.removed_on is None and known.company in whole
        } - seen
        found = {
            repo_id
            for repo_id in missing
            if repo_id in world.repositories
            and world.repositories[repo_id].is_public
            and world.repositories[repo_id].owner_id in self.tracked
        }
        before = self.days.get(base, {}) if base else {}
        observed = {
            repo_id: self._observe(
                world, repo_id, before, is_rest, reads_languages
            )
            for repo_id in seen | found
        }
        moved_away = {
            repo_id
            for repo_id, known in self.repositories.items()
            if known.removed_on is None
            and repo_id in world.repositories
            and world.repositories[repo_id].is_public
            and world.repositories[repo_id].owner_id in dropped
        }
        for repo_id in (missing - found) | moved_away:
            self.repositories[repo_id].removed_on = today
        self._write(today, base, observed)
        self._add_totals(today, base, whole)
        for company in whole:
            self.read_on[company] = today

    def untrack(self, company: int) -> None:
        """Stop recording a company: its periods end after the last day."""
        self.tracked.discard(company)
        self.read_on.pop(company, None)
        for known in self.repositories.values():
            if known.company == company and known.removed_on is None:
                known.removed_on = max(self.days) + ONE_DAY

    def _observe(
        self,
        world: World,
        repo_id: int,
        before: Mapping[int, Snapshot],
        is_rest: bool,
        reads_languages: bool,
    ) -> Snapshot:
        today, current = world.today, world.repositories[repo_id]
        known = self.repositories.setdefault(
            repo_id, Repository(current.owner_id, today)
        )
        if known.removed_on is not None:
            if known.removed_on < today:
                known.tracked_from = today
            known.removed_on = known.empty_since = None
            known.may_be_unread = True
        if reads_languages:
            known.may_be_unread = False
        known.company = current.owner_id
        held = before[repo_id].languages if repo_id in before else {}
        languages: Languages = dict(current.languages)
        if is_rest:
            languages = None
        elif languages:
            known.empty_since = None
        elif held is None:
            languages = None
        elif held and not (known.empty_since and known.empty_since < today):
            known.empty_since = known.empty_since or today
            languages = held
        else:
            known.empty_since = None
        return Snapshot(
            current.owner_id,
            true_metrics(world, current, is_rest),
            today,
            languages,
            known.may_be_unread,
        )

    def missing(self, world: World) -> int:
        """Count the repositories that a sweep of all companies would miss."""
        return sum(
            known.removed_on is None
            and known.company in self.tracked
            and (
                repo_id not in world.repositories
                or not world.repositories[repo_id].is_public
                or world.repositories[repo_id].owner_id not in self.tracked
            )
            for repo_id, known in self.repositories.items()
        )

    def _write(
        self, today: date, base: date | None, observed: dict[int, Snapshot]
    ) -> None:
        before = self.days.get(base, {}) if base else {}
        day = base + ONE_DAY if base else today
        while day < today:
            self.days[day] = self._carry_forward(before, day)
            day += ONE_DAY
        self.days[today] = {**self._carry_forward(before, today), **observed}

    def _carry_forward(
        self, before: Mapping[int, Snapshot], day: date
    ) -> dict[int, Snapshot]:
        held = {}
        for repo_id, snapshot in before.items():
            known = self.repositories[repo_id]
            if known.tracked_from <= day and (
                known.removed_on is None or known.removed_on > day
            ):
                held[repo_id] = snapshot
        return held

    def _add_totals(
        self, today: date, base: date | None, whole: Collection[int]
    ) -> None:
        for day in sorted(day for day in self.days if not base or day >= base):
            if day != base or day == today:
                self._add_totals_of_day(
                    day, base, whole if day == today else ()
                )

    def _add_totals_of_day(
        self, day: date, base: date | None, whole: Collection[int]
    ) -> None:
        held: dict[int, list[Snapshot]] = {company: [] for company in whole}
        for company in self.tracked & self.read_on.keys():
            if base and (company, base) in self.totals:
                held.setdefault(company, [])
        for snapshot in self.days[day].values():
            held.setdefault(snapshot.company, []).append(snapshot)
        for company, snapshots in held.items():
            self.totals[company, day] = (
                len(snapshots),
                *(
                    _total([snapshot.metrics[place] for snapshot in snapshots])
                    for place, metric in enumerate(METRICS)
                    if metric.is_summed
                ),
            )


def _total(values: list[int | None]) -> int | None:
    """Return the sum of the values, or None if one of them is None."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
