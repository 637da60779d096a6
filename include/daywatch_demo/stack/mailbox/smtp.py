"""The SMTP side of the mailbox."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from daywatch_demo.stack.ports import HOST

_LARGEST = 30 * 1024 * 1024  # bytes of one mail, as at common providers


class StoreMails:
    """Stores each mail as one file; the names sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store a mail with its true sender and recipients at the top, whatever its own header claims."""
        trace = [f"Return-Path: <{envelope.mail_from}>"]
        trace += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        head = "".join(f"{line}\r\n" for line in trace).encode("utf-8", "surrogateescape")
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(head + body)
        unfinished.replace(self._folder / f"{name}.eml")
        return f"250 OK, stored as {name}"


@asynccontextmanager
async def smtp_server(folder: Path, port: int) -> AsyncIterator[None]:
    """Receive mails on a port of the loopback interface while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = StoreMails(folder)

    def connected() -> SMTP:
        # SMTPUTF8, because addresses and subjects may contain any letter.
        return SMTP(handler, data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname="localhost")

    server = await asyncio.get_running_loop().create_server(connected, host=HOST, port=port)
    async with server:
        yield
