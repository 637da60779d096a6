"""A proxy before a real server that breaks what passes through it, by plan.

It knows no protocol: a fault strikes where a client sends something that matches a pattern. HTTP/1 without
pipelining, PostgreSQL and SMTP all send a request in a piece of its own.
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
from enum import Enum

from daywatch_demo.stack.ports import HOST

_PIECE = 1 << 16
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)
_LINGER = struct.pack("ii", 1, 0)
"""Closing a socket with this sends a reset (socket(7), SO_LINGER)."""


class Kind(Enum):
    """What happens to a request."""

    RESET = "the connection is reset, the server sees nothing"
    STALL = "nothing passes any more, the connection stays"
    ANSWER = "another answer comes, the server sees nothing"
    HALF = "half of the answer's body comes, then the connection ends"
    LOST = "the server has done it, its answer is replaced by a reset"
    SILENT = "the server has done it, its answer never comes"


@dataclass
class Fault:
    """What strikes which requests.

    Attributes:
        kind: What happens.
        pattern: Regular expression of what a client sends.
        answer: What comes in place of the server's answer.
        after: Only on a connection that has sent this before; None for any.
        skip: Matches that pass before the first one that is struck.
        times: Matches that are struck; None for all.
        struck: Matches that were struck.
        done: Struck requests of which the server has answered the first: it has done them.
    """

    kind: Kind
    pattern: bytes
    answer: bytes = b""
    after: bytes | None = None
    skip: int = 0
    times: int | None = 1
    struck: int = 0
    done: int = 0


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
                return fault
        return None


async def _pass_answers(client: _Connection, server: asyncio.StreamReader) -> None:
    """Pass what a server sends, until a fault forbids it."""
    while piece := await server.read(_PIECE):
        kind = client.fault.kind if client.fault else None
        if client.fault is not None and kind in (Kind.LOST, Kind.SILENT):
            client.fault.done += 1
        if kind is Kind.LOST:
            _reset(client)
            return
        if kind is Kind.HALF:
            await _pass_half(client, server, piece)
            return
        if kind is None:
            client.writer.write(piece)
            await client.writer.drain()
    if client.fault is None:
        client.writer.write_eof()


async def _pass_half(client: _Connection, server: asyncio.StreamReader, piece: bytes) -> None:
    """Pass an answer's head and half of its body, then end the connection in good order."""
    while b"\r\n\r\n" not in piece:
        piece += await server.read(_PIECE)
    head, _, body = piece.partition(b"\r\n\r\n")
    declared = _LENGTH.search(head + b"\r\n")
    length = int(declared[1]) if declared else len(body)
    while len(body) < length // 2:
        body += await server.read(_PIECE)
    client.writer.write(head + b"\r\n\r\n" + body[: length // 2])
    await client.writer.drain()
    client.writer.close()


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


def http(status: str, body: bytes, kind: str = "application/xml") -> bytes:
    """Return an answer of an HTTP server.

    Args:
        status: Code and reason, such as ``503 Slow Down``.
        body: The body.
        kind: Its content type.
    """
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def s3_error(status: str, code: str) -> bytes:
    """Return an error as S3 answers it."""
    return http(
        status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    )


HTML = http("200 OK", b"<!DOCTYPE html><html><body>Please log in to the network.</body></html>", "text/html")
"""What a captive portal or a proxy's own page answers."""
