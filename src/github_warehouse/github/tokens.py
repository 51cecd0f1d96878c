"""The tokens of a run, their budgets, and which one a company is read with."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from github_warehouse.errors import TokenRefusedError

# GitHub may reset a budget a moment later than it announced.
_MARGIN_SECONDS = 1
# Resets reported within one hour differ by a second or two.
_NEW_HOUR_SECONDS = 60


@dataclass
class Token:
    """A token and its budgets; a token without a value reads anonymously.

    Budgets are per resource and hour: core is in REST requests, graphql in
    points. A server without rate limits reports none.
    https://docs.github.com/en/rest/rate-limit/rate-limit

    Attributes:
        value: the secret that is sent; None to send none.
        name: what messages call it, because its value is secret.
        remaining: what is left of the hour's budget, as last reported.
        resets_at: when the hour ends, in seconds since 1970.
        used_up_at: when the budget was found to be used up, in seconds since
            1970.
        refusal: the message for a refused token; None for a valid one.
        companies: number of companies being read with it.
    """

    value: str | None = field(repr=False)
    name: str
    remaining: dict[str, int] = field(default_factory=dict)
    resets_at: dict[str, float] = field(default_factory=dict)
    used_up_at: dict[str, float] = field(default_factory=dict)
    refusal: str | None = None
    companies: int = 0

    def update_budget(
        self,
        resource: str,
        remaining: int,
        seconds: float,
        now: float,
        sent_at: float,
    ) -> None:
        """Store the budget of a resource as reported in an answer.

        Answers may arrive out of order: within one hour the lowest value
        counts, and answers to requests sent before the budget was used up are
        ignored.

        Args:
            resource: core or graphql.
            remaining: what is left, in requests or points.
            seconds: until the hour ends.
            now: seconds since 1970.
            sent_at: when the request was sent, in seconds since 1970.
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
        """Return the budget left for a resource; infinite if unknown."""
        if self.resets_at.get(resource, 0) <= now:
            return math.inf
        return self.remaining[resource]

    def seconds_used_up(self, resource: str, now: float) -> float:
        """Return seconds until a used-up budget resets; 0 if any is left."""
        if self.budget(resource, now) > 0:
            return 0
        return self.resets_at[resource] - now


class TokenPool:
    """All tokens of a run; a single anonymous one when there are none.

    Several threads may use it at once.
    """

    def __init__(self, values: Sequence[str]) -> None:
        many = len(values) > 1
        self.tokens = [
            Token(
                value,
                f'token {number} of {len(values)}' if many else 'the token',
            )
            for number, value in enumerate(values, 1)
        ] or [Token(None, 'anonymous requests')]
        self._lock = threading.Lock()

    def acquire(self, resource: str, now: float) -> Token:
        """Choose the token with the most budget per company.

        Call `release` when the company has been read.

        Args:
            resource: core or graphql.
            now: seconds since 1970.

        Raises:
            TokenRefusedError: GitHub refused every token.
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

    def are_all_refused(self) -> bool:
        """Return whether GitHub refused every token."""
        return all(token.refusal is not None for token in self.tokens)

    def release(self, token: Token) -> None:
        """Return a token after a company was read with it."""
        with self._lock:
            token.companies -= 1
