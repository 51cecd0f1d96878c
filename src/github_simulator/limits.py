"""Hourly rate limits for requests and GraphQL points, like GitHub's."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from github_simulator.model import timestamp

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class HourlyLimits:
    """The limits of one hour.

    `anonymous` limits the REST requests of an address, `core` those of a
    token, `graphql` the points of a token.
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """

    anonymous: int = 60
    core: int = 5_000
    graphql: int = 5_000


@dataclass(slots=True)
class Bucket:
    """What one caller has used of one resource until `reset` (epoch seconds).

    Without a limit no headers are sent, as on an Enterprise Server.
    """

    resource: str
    limit: int | None
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        """Return what is left, at least 0."""
        return max(0, (self.limit or 0) - self.used)

    @property
    def reset_at(self) -> str:
        """Return the time of the reset in ISO 8601, UTC."""
        return timestamp(
            datetime.datetime.fromtimestamp(self.reset, datetime.timezone.utc)
        )

    def take(self, amount: int) -> bool:
        """Use an amount; return whether anything was left."""
        if self.limit is not None and self.remaining == 0:
            return False
        self.used += amount
        return True

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers of a response."""
        if self.limit is None:
            return {}
        return {
            'X-RateLimit-Limit': str(self.limit),
            'X-RateLimit-Remaining': str(self.remaining),
            'X-RateLimit-Used': str(min(self.used, self.limit)),
            'X-RateLimit-Reset': str(self.reset),
            'X-RateLimit-Resource': self.resource,
        }

    def summary(self) -> dict[str, int]:
        """Return the bucket as `GET /rate_limit` shows it."""
        limit = self.limit or 0
        return {
            'limit': limit,
            'used': min(self.used, limit),
            'remaining': self.remaining,
            'reset': self.reset,
        }


@dataclass(slots=True)
class RateLimits:
    """One bucket for each caller and resource.

    A bucket's hour starts with its first request. `hourly` is None for an
    Enterprise Server, where rate limits are off by default.
    """

    hourly: HourlyLimits | None
    clock: Callable[[], float]
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)

    def bucket(self, caller: str, is_anonymous: bool, kind: str) -> Bucket:
        """Return the caller's current bucket of 'core' or 'graphql'."""
        key = (caller, kind)
        now = self.clock()
        bucket = self._buckets.get(key)
        if bucket is None or bucket.reset <= now:
            limit = self._limit(is_anonymous, kind == 'graphql')
            bucket = Bucket(kind, limit, int(now) + HOUR_SECONDS)
            self._buckets[key] = bucket
        return bucket

    def _limit(self, is_anonymous: bool, is_graphql: bool) -> int | None:
        if self.hourly is None:
            return None
        if is_graphql:
            return 0 if is_anonymous else self.hourly.graphql
        return self.hourly.anonymous if is_anonymous else self.hourly.core
