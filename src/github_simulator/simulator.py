"""The simulator: serve a simulated GitHub over HTTP."""

import collections
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from github_simulator.errors import PortError, SimulatorError
from github_simulator.fault_script import FaultScript
from github_simulator.faults import Fault
from github_simulator.http_messages import Request, Response
from github_simulator.http_server import LOOPBACK, Listener
from github_simulator.limits import HourlyLimits, RateLimits
from github_simulator.world import World


class Simulator:
    """Serve a world while the `with` block is active.

    Port 0 uses a free one. Every token can read everything, private
    repositories included. Each response is delayed by `latency_seconds`.
    `clock` returns the epoch seconds for rate limits and `Date`.

    For an Enterprise Server set `hourly_limits` to None. An old one lacks
    fields of GraphQL: list them in `lacking`, such as
    'Repository.stargazerCount'.

    Hold `world.lock` to change `world` while requests may be in progress.

    Raises:
        SimulatorError: graphql-core is not installed.
        PortError: on entering, the address or port cannot be listened on.
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
                'or [demo] for the demo'
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
        """Return the base URL, such as 'http://127.0.0.1:8000'."""
        assert self._listener is not None, 'the simulator is not running'
        return f'http://{LOOPBACK}:{self._listener.server_address[1]}'

    @property
    def requests(self) -> collections.Counter[str]:
        """Return the number of requests by kind.

        The kinds are rest:list, rest:languages, rest:account,
        rest:repository, rest:rate_limit, rest:other, graphql:repositories,
        graphql:nodes and graphql:other. A 304 response is counted by its
        kind and as rest:not_modified.
        """
        return self._service.requests

    @property
    def faults(self) -> FaultScript:
        """Return the faults, to add some or clear them."""
        return self._service.faults

    def __enter__(self) -> 'Simulator':
        self._stopping.clear()
        try:
            self._listener = Listener(
                self._address, self._port, self._respond, self._clock
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
        # Wakes up requests that a fault or the latency delays.
        self._stopping.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener.end_connections()

    def _respond(self, request: Request) -> tuple[Response, Fault | None]:
        if request.path.startswith(self._control.PREFIX):
            return self._control.respond(request, self._service), None
        if self._latency_seconds:
            self._stopping.wait(self._latency_seconds)
        return self._service.respond(request)
