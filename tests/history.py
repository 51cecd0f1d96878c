"""What the warehouse must hold, said by a small model in memory.

The model knows days, observations and removals; it knows nothing of SQL,
partitions, transactions or HTTP. Its companies are small enough that every
run sweeps them.
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
    """A repository on a day.

    Attributes:
        metrics: in the order of METRICS; None where the API lacks one.
        languages: None where the model does not know when they were read;
            any set that GitHub ever gave for this repository is then right.
        may_be_unread: no languages at all are right, too.
    """

    company: int
    metrics: tuple[int | None, ...]
    observed_on: date
    languages: Languages
    may_be_unread: bool = False


@dataclass
class Repository:
    """A repository ever recorded.

    Attributes:
        may_be_unread: its languages may not have been read yet in this
            tracking period.
    """

    company: int
    tracked_from: date
    removed_on: date | None = None
    empty_since: date | None = None
    may_be_unread: bool = True


@dataclass
class History:
    """Everything the warehouse must hold.

    Attributes:
        tracked: companies.
        repositories: by id.
        days: by day, the snapshots by repository.
        totals: by company and day: repositories, and the metrics of which
            there is a total.
        read_on: by company, the day of its watermark.
        said: by repository, every set of languages that GitHub had for it
            during a run.
    """

    tracked: set[int] = field(default_factory=set)
    repositories: dict[int, Repository] = field(default_factory=dict)
    days: dict[date, dict[int, Snapshot]] = field(default_factory=dict)
    totals: dict[tuple[int, date], tuple[int | None, ...]] = field(
        default_factory=dict
    )
    read_on: dict[int, date] = field(default_factory=dict)
    said: dict[int, set[frozenset[tuple[str, int]]]] = field(
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
            world: what GitHub says.
            failed: companies that could not be read.
            hidden: by company that is shown in part, what is not shown.
            is_rest: read by REST, which reads languages now and then.
            reads_languages: whether it could read all that were due.
            dropped: companies that were untracked while they were read.
        """
        today = world.today
        for repository in world.repositories.values():
            self.said.setdefault(repository.id, set()).add(
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
        self._sum_up(today, base, whole)
        for company in whole:
            self.read_on[company] = today

    def untrack(self, company: int) -> None:
        """Stop recording a company: its stretches end with the last day."""
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
        today, said = world.today, world.repositories[repo_id]
        known = self.repositories.setdefault(
            repo_id, Repository(said.owner_id, today)
        )
        if known.removed_on is not None:
            if known.removed_on < today:
                known.tracked_from = today
            known.removed_on = known.empty_since = None
            known.may_be_unread = True
        if reads_languages:
            known.may_be_unread = False
        known.company = said.owner_id
        held = before[repo_id].languages if repo_id in before else {}
        languages: Languages = dict(said.languages)
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
            said.owner_id,
            true_metrics(world, said, is_rest),
            today,
            languages,
            known.may_be_unread,
        )

    def missing(self, world: World) -> int:
        """Count the repositories that sweeps of all companies would miss."""
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
            self.days[day] = self._carried(before, day)
            day += ONE_DAY
        self.days[today] = {**self._carried(before, today), **observed}

    def _carried(
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

    def _sum_up(
        self, today: date, base: date | None, whole: Collection[int]
    ) -> None:
        for day in sorted(day for day in self.days if not base or day >= base):
            if day != base or day == today:
                self._sum_up_day(day, base, whole if day == today else ())

    def _sum_up_day(
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
    """Add values up; a total of which one value is not known is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
