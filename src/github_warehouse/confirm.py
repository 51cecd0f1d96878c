"""Which company a repository or a login belongs to, if answers contradict.

One wrong id in the list of a company would move another company's repository
there. So an id that the warehouse holds under another tracked company, or that
two lists of one run contain, is looked up before it is believed; so is a new
login.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import structlog

from github_warehouse.company_reader import CompanyReader
from github_warehouse.errors import (
    GitHubError,
    ListIncompleteError,
    as_warehouse_error,
)
from github_warehouse.github import accounts
from github_warehouse.github.clock import StoppedError
from github_warehouse.model import KnownRepository, RepoObservation
from github_warehouse.warehouse.state import KnownRepositories, sorted_ids

# A whole company that moves into another one takes several runs.
_MOST_LOOKED_UP = 500


@dataclass(frozen=True)
class Claim:
    """A repository in a list that contradicts the warehouse or another list.

    Attributes:
        repository: as the warehouse holds it.
        known_owner: the company it belongs to there; None if it is new.
        claimants: the companies whose lists contain it.
    """

    repository: KnownRepository
    known_owner: int | None
    claimants: Sequence[int]


@dataclass(frozen=True)
class Settled:
    """What a look-up says of a claim.

    Attributes:
        claim: the claim.
        owner: company whose observation counts; None if none counts.
        observation: what the look-up found with a tracked company.
        is_gone: it is public under an account that is not tracked.
    """

    claim: Claim
    owner: int | None
    observation: RepoObservation | None
    is_gone: bool = False


def find_claims(
    lists: 'Mapping[int, array[int]]',
    seen: 'array[int]',
    known: KnownRepositories,
) -> list[Claim]:
    """Find repositories that are in a list they need not belong to.

    Args:
        lists: by company, the ids in its list.
        seen: all of them, ascending, as often as they were seen.
        known: what the warehouse holds.

    Returns:
        Claims, by the first of their claimants.
    """
    new = array('q')
    for company_id, listed in lists.items():
        new.extend(_not_in(listed, known.ids(company_id)))
    new = sorted_ids(new)
    contested = {
        each for each, following in pairwise(seen) if each == following
    }
    for company_id in known.company_ids():
        contested |= set(_common(new, known.ids(company_id)))
    if not contested:
        return []
    claimants: dict[int, list[int]] = {}
    for company_id, listed in lists.items():
        for repo_id in listed:
            if repo_id in contested:
                claimants.setdefault(repo_id, []).append(company_id)
    claims = {
        repo_id: Claim(_unknown(repo_id), None, claimants[repo_id])
        for repo_id in sorted(contested)
    }
    for company_id in known.company_ids():
        for each in known.repositories(company_id):
            if each.repo_id in contested:
                claims[each.repo_id] = Claim(
                    each, company_id, claimants[each.repo_id]
                )
    return sorted(claims.values(), key=lambda claim: claim.claimants[0])


def settle_claims(
    claims: Sequence[Claim],
    readers: Mapping[int, CompanyReader],
    tracked_ids: frozenset[int],
) -> Iterator[Settled]:
    """Look claims up by id; what cannot be confirmed stays where it was.

    A company whose list contains repositories of others is incomplete, unless
    it owned them until now.

    Args:
        claims: by the first of their claimants.
        readers: by company.
        tracked_ids: every tracked company.
    """
    wrong: dict[int, list[str]] = {}
    rest = _MOST_LOOKED_UP
    for company_id, group in groupby(claims, lambda each: each.claimants[0]):
        some = list(group)
        asked, rest = some[:rest], max(0, rest - len(some))
        found = look_up(
            readers[company_id], [claim.repository for claim in asked]
        ) or [None] * len(asked)
        found += [None] * (len(some) - len(asked))
        for claim, observation in zip(some, found, strict=True):
            settled = _settle(claim, observation, tracked_ids)
            for claimant in claim.claimants:
                if claimant not in (settled.owner, claim.known_owner):
                    wrong.setdefault(claimant, []).append(
                        str(claim.repository.repo_id)
                    )
            yield settled
    for company_id, repo_ids in wrong.items():
        login = readers[company_id].company.account.login
        _set_incomplete(
            readers[company_id],
            f'the list of {login} contains {len(repo_ids)} repositories that '
            'GitHub does not confirm to be its own, the first with id '
            f'{repo_ids[0]}: those were ignored, nothing was removed',
        )


def confirm_login(reader: CompanyReader) -> None:
    """Look a company up by id if its list says that it was renamed.

    A login that is not confirmed may be another company's: it is ignored, and
    the company is incomplete.
    """
    source, known = reader.source, reader.company.account
    if source is None or source.account is None:
        return
    said = source.account.login
    if said.lower() == known.login.lower():
        return
    try:
        account = accounts.read_account_by_id(source.session, known.account_id)
    except GitHubError as error:
        structlog.get_logger().warning(
            'account not looked up', company=known.login, reason=str(error)
        )
        account = None
    if account is None or account.account_id != known.account_id:
        account = known
    if account.login.lower() != said.lower():
        source.account = account
        _set_incomplete(
            reader,
            f'the list of {known.login} names {said} as its owner, which '
            'GitHub does not confirm: ignored, nothing was removed',
        )


def look_up(
    reader: CompanyReader, repositories: Sequence[KnownRepository]
) -> list[RepoObservation | None] | None:
    """Look repositories up by id, where a company was read.

    Returns:
        For each of them what is public of it now, None where GitHub shows
        nothing; None if the look-up failed.
    """
    assert reader.source is not None
    try:
        return list(reader.source.look_up(repositories))
    except (StoppedError, OSError):
        raise
    except Exception as error:
        structlog.get_logger().warning(
            'repositories were not looked up',
            repositories=len(repositories),
            reason=str(as_warehouse_error(error)),
        )
        return None


def is_answer_to(
    repository: KnownRepository, found: RepoObservation | None
) -> bool:
    """Return whether a look-up found nothing, or the right repository."""
    if found is None or found.repo_id == repository.repo_id:
        return True
    structlog.get_logger().warning(
        'a look-up returned another repository: ignored',
        repository=repository.repo_id,
        returned=found.repo_id,
    )
    return False


def _settle(
    claim: Claim, found: RepoObservation | None, tracked_ids: frozenset[int]
) -> Settled:
    if found is None or not is_answer_to(claim.repository, found):
        return Settled(claim, claim.known_owner, None)
    owner = found.owner.account_id
    if owner in tracked_ids:
        return Settled(claim, owner, found)
    return Settled(
        claim, claim.known_owner, None, is_gone=claim.known_owner is not None
    )


def _set_incomplete(reader: CompanyReader, reason: str) -> None:
    structlog.get_logger().warning('an answer is not confirmed', reason=reason)
    if reader.status == 'succeeded':
        reader.set_failure('incomplete', ListIncompleteError(reason))


def _unknown(repo_id: int) -> KnownRepository:
    return KnownRepository(repo_id, None, False, '', 0, None, False, False)


def _not_in(some: Iterable[int], ids: 'array[int]') -> Iterator[int]:
    return (each for each in some if not _contains(ids, each))


def _common(some: 'array[int]', ids: 'array[int]') -> Iterator[int]:
    """Return what two ascending arrays have in common."""
    shorter, longer = sorted((some, ids), key=len)
    return (each for each in shorter if _contains(longer, each))


def _contains(ids: 'array[int]', wanted: int) -> bool:
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
