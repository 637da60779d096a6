"""A proxy before a real server that breaks what passes through it, by plan.

A fault strikes where a client sends something that matches a pattern. HTTP/1 without pipelining, PostgreSQL and SMTP
all send a request in a piece of its own. Only the kinds that look into an answer know its protocol, HTTP.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from daywatch_demo.stack.ports import HOST
from faults import Fault, Kind
from http_answers import read_answer, with_length

_PIECE = 1 << 16
_LATE = 0.02
"""Seconds for which a late answer is held, so that requests that are sent at once are open at once."""

_LINGER = struct.pack("ii", 1, 0)
"""Closing a socket with this sends a reset (socket(7), SO_LINGER)."""


@dataclass
class _Connection:
    """One client: its fault, once one strikes, and what it has sent that faults wait for."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    fault: Fault | None = None
    seen: set[bytes] = field(default_factory=set)


class FaultProxy:
    """Listens on a free port of the loopback interface, in a thread of its own.

    Args:
        port: The server's port.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._server_port = port
        self._plan: Sequence[Fault] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.listen()

    def plan(self, *faults: Fault) -> None:
        """Replace the faults; none to let everything pass."""
        self._plan = faults

    @property
    def struck(self) -> int:
        """How often the planned faults have struck."""
        return sum(fault.struck for fault in self._plan)

    def refuse(self) -> None:
        """Refuse new connections, as where no server listens."""
        self._run(self._stop_listening())

    def listen(self) -> None:
        """Accept connections, on the same port as before."""
        self._run(self._start_listening())

    def close(self) -> None:
        """Stop; open connections end."""
        self._run(self._stop_listening())
        self._run(self._end_connections())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)  # type: ignore[arg-type]

    async def _start_listening(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _end_connections(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        client = _Connection(reader, writer)
        try:
            with suppress(OSError, asyncio.CancelledError):  # the proxy ends: nobody waits for the task
                await self._carry(client)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _carry(self, client: _Connection) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(HOST, self._server_port)
        except OSError:
            _reset(client)
            return
        answers = asyncio.create_task(_pass_answers(client, server_reader))
        try:
            await self._pass_requests(client, server_writer)
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            server_writer.transport.abort()

    async def _pass_requests(self, client: _Connection, server: asyncio.StreamWriter) -> None:
        while piece := await client.reader.read(_PIECE):
            fault = self._strike(client, piece)
            if fault is not None:
                client.fault = fault
                if fault.kind is Kind.RESET:
                    _reset(client)
                    return
                if fault.kind is Kind.ANSWER:
                    client.writer.write(fault.answer)
                    client.writer.write_eof()
            if client.fault is None or client.fault.kind not in (Kind.STALL, Kind.ANSWER):
                server.write(piece)
                await server.drain()

    def _strike(self, client: _Connection, piece: bytes) -> Fault | None:
        """Return the fault that strikes a piece, None where it passes."""
        if client.fault is not None:
            return None
        for fault in self._plan:
            ready = fault.after is None or fault.after in client.seen
            if fault.after is not None and re.search(fault.after, piece):
                client.seen.add(fault.after)
            if not ready or not re.search(fault.pattern, piece):
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif fault.times is None or fault.struck < fault.times:
                fault.struck += 1
                fault.most_open = max(fault.most_open, fault.struck - fault.done)
                return fault
        return None


async def _pass_answers(client: _Connection, server: asyncio.StreamReader) -> None:
    """Pass what a server sends, until a fault forbids it; where the server ends, so does the connection."""
    try:
        while piece := await server.read(_PIECE):
            if client.fault is None:
                client.writer.write(piece)
                await client.writer.drain()
            elif client.fault.kind is Kind.LATE:
                await _pass_late(client, client.fault, server, piece)
            else:
                await _pass_struck(client, client.fault, server, piece)
                return
        if client.fault is None:
            client.writer.write_eof()
        else:
            _reset(client)
    except ConnectionError:
        _reset(client)


async def _pass_late(client: _Connection, fault: Fault, server: asyncio.StreamReader, piece: bytes) -> None:
    """Pass an answer after a while; the connection is as before."""
    head, body = await read_answer(server, piece)
    await asyncio.sleep(_LATE)
    client.fault = None
    fault.done += 1
    client.writer.write(head + body)


async def _pass_struck(client: _Connection, fault: Fault, server: asyncio.StreamReader, piece: bytes) -> None:
    """Pass what a fault leaves of an answer, and end the connection."""
    if fault.kind in (Kind.HALF, Kind.CHANGED):
        head, body = await read_answer(server, piece)
        if fault.change is None:
            client.writer.write(head + body[: len(body) // 2])
        else:
            body = fault.change(body)
            client.writer.write(with_length(head, len(body)) + body)
        await client.writer.drain()
        client.writer.close()  # in good order
        return
    fault.done += 1
    while fault.kind is not Kind.LOST and piece:
        piece = await server.read(_PIECE)
    _reset(client)


def _reset(client: _Connection) -> None:
    sock = client.writer.get_extra_info("socket")
    if isinstance(sock, socket.socket) or sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    client.writer.transport.abort()


@contextmanager
def fault_proxy(port: int) -> Iterator[FaultProxy]:
    """Run a proxy before the server on a port while the block runs."""
    proxy = FaultProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
