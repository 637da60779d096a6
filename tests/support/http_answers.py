"""Answers of an HTTP/1 server as bytes: read from a connection, or made."""

from __future__ import annotations

import asyncio
import re

_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\nTransfer-Encoding: *chunked(?=\r\n)", re.IGNORECASE)
_END = b"\r\n\r\n"


async def read_answer(server: asyncio.StreamReader, begun: bytes = b"") -> tuple[bytes, bytes]:
    """Return head and body of an answer; the head says how long the body is, also where the server sent chunks.

    Args:
        server: The connection to read from.
        begun: What of it has been read.
    """
    while _END not in begun:
        begun += await _more(server)
    head, _, body = begun.partition(_END)
    head += _END
    if _CHUNKED.search(head):
        return await _joined(server, head, body)
    declared = _LENGTH.search(head)
    length = int(declared[1]) if declared else 0
    while len(body) < length:
        body += await _more(server)
    return head, body


async def _joined(server: asyncio.StreamReader, head: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Return head and body of an answer that comes in chunks (RFC 9112, section 7.1; without trailers)."""
    body, length = b"", -1
    while length:
        while b"\r\n" not in rest:
            rest += await _more(server)
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        while len(rest) < length + 2:
            rest += await _more(server)
        body, rest = body + rest[:length], rest[length + 2 :]
    return with_length(_CHUNKED.sub(b"", head), len(body)), body


async def _more(server: asyncio.StreamReader) -> bytes:
    piece = await server.read(1 << 16)
    if not piece:
        message = "the server ended in the middle of an answer"
        raise ConnectionResetError(message)
    return piece


def with_length(head: bytes, length: int) -> bytes:
    """Return the head of an answer with another length of its body."""
    return _LENGTH.sub(b"", head)[: -len(_END)] + f"\r\nContent-Length: {length}".encode() + _END


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
