"""A real mail server on a free port of the loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from daywatch.config.deployment.connections import Connection


@dataclass
class Inbox:
    """What the server accepted; it refuses recipients that begin with ``nobody``, and ``busy`` for now.

    Attributes:
        busy: Whether recipients that begin with ``busy`` are refused.
        replies: What the server answers to a command (``AUTH``, ``MAIL``, ``DATA``, ``QUIT``) in place of its consent.
    """

    port: int = 0
    busy: bool = True
    replies: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user here"
        if address.startswith("busy") and self.busy:
            return self.replies.get("busy", "450 try again later")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Envelope) -> str:
        return self.replies.get("QUIT", "221 Bye")

    def authenticate(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False, message=self.replies.get("AUTH"))

    def connection(self, **extra: Any) -> Connection:
        return Connection(
            conn_type="smtp",
            host="127.0.0.1",
            port=self.port,
            extra={"disable_ssl": True, "disable_tls": True, "timeout": 5, **extra},
        )


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start() -> Iterator[Callable[..., Inbox]]:
    """Start mail servers with aiosmtpd's options; all are stopped at the end."""
    with ExitStack() as running:

        def _start(**options: Any) -> Inbox:
            inbox = Inbox(port=free_port())
            if options.pop("login", False):
                options |= {
                    "authenticator": inbox.authenticate,
                    "auth_required": True,
                    "auth_require_tls": False,
                }
            controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, **options)
            controller.start()
            running.callback(controller.stop)
            return inbox

        yield _start
