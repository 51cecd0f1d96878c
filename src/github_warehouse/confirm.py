"""Confirm the owner of a repository, and a changed login, with GitHub.

If GitHub lists a wrong id for a company, another company's repository would
move there. A repository is therefore looked up by id if a company lists it and
the warehouse holds it under another one, or if two companies list it in one
run. A company whose login has changed is looked up by id, too.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import structlog

from github_warehouse.company_reader import CompanyReader
from github_warehouse.errors import GitHubError, ListIncompleteError
from github_warehouse.github import accounts
from github_warehouse.lookup import is_another_repository, look_up
from github_warehouse.model import KnownRepository, RepoObservation
from github_warehouse.printable import counted
from github_warehouse.warehouse.state import KnownRepositories, sorted_ids

# Lookups per run. The rest of a larger transfer is confirmed by later runs.
_MAX_LOOKUPS = 500


@dataclass(frozen=True)
class Claim:
    """A repository whose owner must be confirmed.

    Attributes:
        repository: the repository as the warehouse holds it.
        known_owner: its company in the warehouse; None if it is new.
        claimants: the companies whose lists contain it.
    """

    repository: KnownRepository
    known_owner: int | None
    claimants: Sequence[int]


@dataclass(frozen=True)
class ConfirmedClaim:
    """A claim after its lookup.

    Attributes:
        claim: the claim.
        owner: the company whose observation is written; None to write none.
        observation: the result of the lookup; None unless a tracked company
            owns the repository.
        is_gone: whether it now belongs to an account that is not tracked.
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
    """Find listed repositories whose owner must be confirmed.

    Args:
        lists: the listed ids of each company.
        seen: the ids of all lists, ascending, with duplicates.
        known: the repositories in the warehouse.

    Returns:
        Claims, sorted by their first claimant.
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
        repo_id: Claim(_new_repository(repo_id), None, claimants[repo_id])
        for repo_id in sorted(contested)
    }
    for company_id in known.company_ids():
        for each in known.repositories(company_id):
            if each.repo_id in contested:
                claims[each.repo_id] = Claim(
                    each, company_id, claimants[each.repo_id]
                )
    return sorted(claims.values(), key=lambda claim: claim.claimants[0])


def confirm_claims(
    claims: Sequence[Claim],
    readers: Mapping[int, CompanyReader],
    tracked_ids: frozenset[int],
) -> Iterator[ConfirmedClaim]:
    """Look up the owners of claimed repositories.

    A repository whose owner GitHub does not confirm keeps its known owner. A
    company that lists a repository it does not own and did not own before is
    set to incomplete.

    Args:
        claims: claims, sorted by their first claimant.
        readers: readers by account id.
        tracked_ids: account ids of all tracked companies.
    """
    unconfirmed: dict[int, list[str]] = {}
    lookups_left = _MAX_LOOKUPS
    for company_id, group in groupby(claims, lambda each: each.claimants[0]):
        claimed = list(group)
        to_look_up = claimed[:lookups_left]
        lookups_left -= len(to_look_up)
        found = look_up(
            readers[company_id], [claim.repository for claim in to_look_up]
        ) or [None] * len(to_look_up)
        found += [None] * (len(claimed) - len(to_look_up))
        for claim, observation in zip(claimed, found, strict=True):
            confirmed = _confirm(claim, observation, tracked_ids)
            for claimant in claim.claimants:
                if claimant not in (confirmed.owner, claim.known_owner):
                    unconfirmed.setdefault(claimant, []).append(
                        str(claim.repository.repo_id)
                    )
            yield confirmed
    for company_id, repo_ids in unconfirmed.items():
        login = readers[company_id].company.account.login
        _set_incomplete(
            readers[company_id],
            f'the list of {login} contains '
            f'{counted(len(repo_ids), "repository", "repositories")} that '
            'GitHub does not confirm to be its own (first id: '
            f'{repo_ids[0]}): ignored, and nothing was removed; the next run '
            'checks again',
        )


def confirm_login(reader: CompanyReader) -> None:
    """Look a company up by id if its list names another login as its owner.

    A login that GitHub does not confirm may belong to another company. It is
    ignored, and the company is set to incomplete.
    """
    source, known = reader.source, reader.company.account
    if source is None or source.account is None:
        return
    listed = source.account.login
    if listed.lower() == known.login.lower():
        return
    try:
        account = accounts.read_account_by_id(source.session, known.account_id)
    except GitHubError as error:
        structlog.get_logger().warning(
            'account lookup failed', company=known.login, reason=str(error)
        )
        account = None
    if account is None or account.account_id != known.account_id:
        account = known
    if account.login.lower() != listed.lower():
        source.account = account
        _set_incomplete(
            reader,
            f'the list of {known.login} names {listed} as its owner, which '
            'GitHub does not confirm: the new login was ignored, and nothing '
            'was removed; the next run checks it again',
        )


def _confirm(
    claim: Claim, found: RepoObservation | None, tracked_ids: frozenset[int]
) -> ConfirmedClaim:
    if found is None or is_another_repository(claim.repository, found):
        return ConfirmedClaim(claim, claim.known_owner, None)
    owner = found.owner.account_id
    if owner in tracked_ids:
        return ConfirmedClaim(claim, owner, found)
    return ConfirmedClaim(
        claim, claim.known_owner, None, is_gone=claim.known_owner is not None
    )


def _set_incomplete(reader: CompanyReader, reason: str) -> None:
    structlog.get_logger().warning(
        'GitHub does not confirm an answer', reason=reason
    )
    if reader.status == 'succeeded':
        reader.set_failure('incomplete', ListIncompleteError(reason))


def _new_repository(repo_id: int) -> KnownRepository:
    return KnownRepository(repo_id, None, False, '', 0, None, False, False)


def _not_in(some: Iterable[int], ids: 'array[int]') -> Iterator[int]:
    return (each for each in some if not _contains(ids, each))


def _common(first: 'array[int]', second: 'array[int]') -> Iterator[int]:
    """Return the items that are in both of two ascending arrays."""
    shorter, longer = sorted((first, second), key=len)
    return (each for each in shorter if _contains(longer, each))


def _contains(ids: 'array[int]', wanted: int) -> bool:
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted
