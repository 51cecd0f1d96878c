"""Time, and waiting that ends when the run does."""

import threading
import time
from datetime import UTC, datetime


class StoppedError(Exception):
    """The run is over, so this thread must end."""


class Clock:
    """The computer's clock.

    Tests use a subclass in which waiting takes no time.
    """

    def __init__(self) -> None:
        self._is_stopped = threading.Event()

    def time(self) -> float:
        """Return the time, in seconds since 1970.

        Raises:
            StoppedError: the run is over.
        """
        if self._is_stopped.is_set():
            raise StoppedError
        return time.time()

    def now(self) -> datetime:
        """Return the time, aware, UTC.

        Raises:
            StoppedError: the run is over.
        """
        return datetime.fromtimestamp(self.time(), UTC)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes backward."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds, or until the run is over.

        Raises:
            StoppedError: the run is over.
        """
        if self._is_stopped.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        """End the run: wake every thread that waits."""
        self._is_stopped.set()
