"""Compare the run's clock with the dates of GitHub's answers."""

import threading
import time
from array import array
from datetime import datetime, timedelta

import requests

from github_warehouse.github.limits import http_date


class ClockOffset:
    """Measures how far GitHub's clock is ahead of the run's.

    Several threads may use it at once.
    """

    def __init__(self, started_at: datetime) -> None:
        # monotonic, so that setting the clock during a run changes nothing
        self._started_at = started_at
        self._started = _monotonic_seconds()
        self._offsets_seconds = array('d')
        self._lock = threading.Lock()

    def add(self, response: requests.Response) -> None:
        """Compare the date of an answer; ignore answers without one.

        Server errors are ignored too, because a proxy may have sent them.
        """
        date = http_date(response.headers.get('date', ''))
        elapsed = timedelta(seconds=_monotonic_seconds() - self._started)
        if date is not None and response.status_code < 500:
            offset = date - (self._started_at + elapsed)
            with self._lock:
                self._offsets_seconds.append(offset.total_seconds())

    def median(self) -> timedelta | None:
        """Return the median offset, which outliers do not move.

        None when no answer was compared.
        """
        with self._lock:
            ordered = sorted(self._offsets_seconds)
        if not ordered:
            return None
        # with two in the middle, take the one closer to our clock
        middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
        return timedelta(seconds=min(middle, key=abs))


def _monotonic_seconds() -> float:
    """Return monotonic seconds that count while the machine sleeps too."""
    if hasattr(time, 'CLOCK_BOOTTIME'):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
