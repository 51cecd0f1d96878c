"""A proxy in front of PostgreSQL that behaves like a hosted server."""

import asyncio
import contextlib
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

# https://www.postgresql.org/docs/current/protocol-message-formats.html
_SSL_REQUEST = struct.pack('!ii', 8, 80877103)


class Proxy:
    """Listens on 127.0.0.1 and forwards connections to the server of a URL.

    Args:
        url: URL of a database.
        first_delay_seconds: delay before the first connection is forwarded.
        refused: number of first connections to close immediately.
        idle_seconds: time after which an idle connection is closed.
        certificate: use TLS with this certificate and its key.

    Attributes:
        trigger: bytes to look for in the data from clients; empty for none.
        on_trigger: called in a separate thread when the trigger is found;
            returns `forward` to forward the data, or `before` or `after` to
            close the client's connection before or after forwarding. The
            connection to the server stays open.
        refuse: number of next connections to close immediately.
    """

    def __init__(
        self,
        url: str,
        first_delay_seconds: float = 0,
        refused: int = 0,
        idle_seconds: float = 3600,
        certificate: Path | None = None,
    ) -> None:
        self.connections = 0
        self.cut = 0
        self.trigger = b''
        self.on_trigger: Callable[[], str] = lambda: 'forward'
        self.refuse = refused
        self._url = urlsplit(url)
        self._delay = first_delay_seconds
        self._idle_seconds = idle_seconds
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._port = 0

    def __enter__(self) -> 'Proxy':
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def url(self, host: str = '127.0.0.1', query: str = '') -> str:
        """Return the URL of the same database through the proxy."""
        user = self._url.username or 'postgres'
        return self._url._replace(
            netloc=f'{user}@{host}:{self._port}', query=query
        ).geturl()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, '127.0.0.1', 0)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.CancelledError):
            if self.refuse > 0:
                self.refuse -= 1
                writer.close()
                return
            if self.connections == 1:
                await asyncio.sleep(self._delay)
            if self._context is not None:
                assert await reader.readexactly(8) == _SSL_REQUEST
                writer.write(b'S')
                await writer.drain()
                await writer.start_tls(self._context)
            try:
                to_server = await self._connect()
            except OSError:
                writer.close()
                raise
            await asyncio.gather(
                self._forward(reader, to_server[1], writer),
                self._forward(to_server[0], writer),
            )

    async def _connect(
        self,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._url.query).get('host', [''])[0]
        port = self._url.port or 5432
        if folder:
            socket = f'{folder}/.s.PGSQL.{port}'
            return await asyncio.open_unix_connection(socket)
        return await asyncio.open_connection(self._url.hostname, port)

    async def _forward(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        client: asyncio.StreamWriter | None = None,
    ) -> None:
        try:
            while received := await asyncio.wait_for(
                source.read(65536), self._idle_seconds
            ):
                if client and self.trigger and self.trigger in received:
                    action = await asyncio.to_thread(self.on_trigger)
                    if action != 'forward':
                        client.transport.abort()
                    if action == 'before':
                        # the server does not notice that the client is gone
                        await asyncio.sleep(3600)
                sink.write(received)
                await sink.drain()
        except TimeoutError:
            self.cut += 1
        finally:
            sink.close()
            with contextlib.suppress(OSError):
                await sink.wait_closed()
