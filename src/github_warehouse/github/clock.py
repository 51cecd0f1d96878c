"""Time, and waiting that can be cut short."""

import threading
import time
from datetime import UTC, datetime


class StoppedError(Exception):
    """The run is over: nobody waits for what this thread does."""


class Clock:
    """The computer's clock.

    Tests bring one of their own, in which waiting takes no time.
    """

    def __init__(self) -> None:
        self._is_stopped = threading.Event()

    def time(self) -> float:
        """Tell the time, in seconds since 1970.

        Raises:
            StoppedError: the run is over.
        """
        if self._is_stopped.is_set():
            raise StoppedError
        return time.time()

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that nobody can set."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for so long, or until the run is over.

        Raises:
            StoppedError: it is over.
        """
        if self._is_stopped.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        """Wake whoever waits: the run is over."""
        self._is_stopped.set()
