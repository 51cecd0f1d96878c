"""The tokens of a run: which company is read under which."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from github_warehouse.errors import TokenRefusedError

# GitHub's clock and its reset need not agree to the second.
_MARGIN_SECONDS = 1
# Resets of one hour differ by a second or two, those of two hours by more.
_NEW_HOUR_SECONDS = 60


@dataclass
class Token:
    """A token, or the lack of one, and what GitHub still allows it.

    Budgets are by resource: core counts REST requests, graphql points.
    https://docs.github.com/en/rest/rate-limit/rate-limit

    Attributes:
        value: what is sent; None reads anonymously.
        name: how messages call it, for its value is secret.
        remaining: what is left of the hour, as GitHub last said; a server
            without limits says nothing.
        resets_at: when the hour is over, in seconds since 1970.
        used_up_at: when nothing was left any more, likewise.
        refusal: GitHub's words for why it is of no use; None while it is.
        companies: how many are being read under it.
    """

    value: str | None = field(repr=False)
    name: str
    remaining: dict[str, int] = field(default_factory=dict)
    resets_at: dict[str, float] = field(default_factory=dict)
    used_up_at: dict[str, float] = field(default_factory=dict)
    refusal: str | None = None
    companies: int = 0

    def note(
        self,
        resource: str,
        remaining: int,
        seconds: float,
        now: float,
        sent_at: float,
    ) -> None:
        """Note what GitHub says is left, and for how many seconds.

        Answers may overtake each other: within an hour the least counts,
        and what was under way when nothing was left says nothing new.
        """
        resets_at = now + seconds + _MARGIN_SECONDS
        known = self.resets_at.get(resource, 0)
        if known > now:
            if sent_at <= self.used_up_at.get(resource, 0):
                return
            if resets_at < known + _NEW_HOUR_SECONDS:
                remaining = min(remaining, self.remaining[resource])
        if remaining == 0:
            self.used_up_at[resource] = now
        self.remaining[resource] = remaining
        self.resets_at[resource] = resets_at

    def budget(self, resource: str, now: float) -> float:
        """Tell what is left of a resource; infinite where nobody knows."""
        if self.resets_at.get(resource, 0) <= now:
            return math.inf
        return self.remaining[resource]

    def seconds_used_up(self, resource: str, now: float) -> float:
        """Tell for how long nothing is left; 0 when something is."""
        if self.budget(resource, now) > 0:
            return 0
        return self.resets_at[resource] - now


class TokenPool:
    """All tokens of a run."""

    def __init__(self, values: Sequence[str]) -> None:
        many = len(values) > 1
        self.tokens = [
            Token(
                value,
                f'token {number} of {len(values)}' if many else 'the token',
            )
            for number, value in enumerate(values, 1)
        ] or [Token(None, 'anonymous reading')]
        self._lock = threading.Lock()

    def take(self, resource: str, now: float) -> Token:
        """Choose the token with most budget, shared by those it has.

        Args:
            resource: core or graphql.
            now: seconds since 1970.

        Raises:
            TokenRefusedError: GitHub refused every one.
        """
        with self._lock:
            usable = [token for token in self.tokens if token.refusal is None]
            if not usable:
                raise TokenRefusedError(self.tokens[-1].refusal or '')
            chosen = max(
                usable,
                key=lambda token: (
                    token.budget(resource, now) / (token.companies + 1),
                    -token.companies,
                ),
            )
            chosen.companies += 1
            return chosen

    def are_refused(self) -> bool:
        """Tell whether GitHub refused every token."""
        return all(token.refusal is not None for token in self.tokens)

    def give_back(self, token: Token) -> None:
        """Note that a company is not read under it any more."""
        with self._lock:
            token.companies -= 1
