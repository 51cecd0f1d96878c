"""Serve a simulated GitHub over HTTP."""

import collections
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from github_simulator.errors import PortError, SimulatorError
from github_simulator.exchange import Answer, Request
from github_simulator.faults import Fault, FaultScript
from github_simulator.limits import HourlyLimits, RateLimits
from github_simulator.listener import LOOPBACK, Listener
from github_simulator.world import World


class Simulator:
    """Serve a world while the `with` block lasts.

    `address` is where to listen, 127.0.0.1 unless told; port 0 takes a free
    one. Every token sees everything, private
    repositories too. Each request is answered `latency_seconds` late.
    `clock` gives the epoch seconds that rate limits and `Date` go by.

    An Enterprise Server has `hourly_limits` None, and `lacking` fields of
    GraphQL when it is an old one, such as 'Repository.stargazerCount'.

    `world` may be changed between requests, and during them while
    `world.lock` is held.

    Raises:
        SimulatorError: graphql-core is not installed.
        PortError: on entering, where the port cannot be listened on.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        tokens: Sequence[str] = ('simulated-token',),
        latency_seconds: float = 0.0,
        hourly_limits: HourlyLimits | None = HourlyLimits(),
        clock: Callable[[], float] = time.time,
        lacking: Sequence[str] = (),
        address: str = LOOPBACK,
    ) -> None:
        try:
            from github_simulator import control, service
        except ModuleNotFoundError as error:
            raise SimulatorError(
                f'simulator: {error.name} is missing; '
                "install it with: pip install 'github-warehouse[simulator]', "
                'or [demo] for all that the demo needs'
            ) from error
        self.world = world
        self._port = port
        self._address = address
        self._latency_seconds = latency_seconds
        self._clock = clock
        self._stopping = threading.Event()
        self._service = service.Service(
            world,
            tokens,
            RateLimits(hourly_limits, clock),
            self._stopping.wait,
            frozenset(lacking),
        )
        self._control = control
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return where it is from here, such as 'http://127.0.0.1:8000'."""
        assert self._listener is not None, 'the simulator is not running'
        return f'http://{LOOPBACK}:{self._listener.server_address[1]}'

    @property
    def requests(self) -> collections.Counter[str]:
        """Return how many requests came in, by kind.

        The kinds: rest:list, rest:languages, rest:account,
        rest:repository, rest:rate_limit, rest:other, graphql:repositories,
        graphql:nodes, graphql:other. An answer of 304 counts under its kind
        and once more as rest:not_modified.
        """
        return self._service.requests

    @property
    def faults(self) -> FaultScript:
        """Return the script of faults, to add to or to clear."""
        return self._service.faults

    def __enter__(self) -> 'Simulator':
        self._stopping.clear()
        try:
            self._listener = Listener(
                self._address, self._port, self._answer, self._clock
            )
        except (OSError, OverflowError) as error:
            raise PortError(
                f'simulator: cannot listen on {self._address}:{self._port} '
                f'({error}); choose another port, or 0 for a free one'
            ) from error
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            kwargs={'poll_interval': 0.02},
            name='simulated-github',
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._listener is not None and self._thread is not None
        # Wakes the requests that a fault or the latency lets wait.
        self._stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener.end_connections()

    def _answer(self, request: Request) -> tuple[Answer, Fault | None]:
        if request.path.startswith(self._control.PREFIX):
            return self._control.answer(request, self._service), None
        if self._latency_seconds:
            self._stopping.wait(self._latency_seconds)
        return self._service.answer(request)
