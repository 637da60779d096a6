"""A real mail server on a free port of the loopback, and a small rendered report."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from daywatch.config.deployment.connections import Connection
from daywatch.report.render import InlineImage, RenderedReport
from daywatch.results import State

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@dataclass
class Inbox:
    """What the server took; it refuses addresses that begin with ``nobody``."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

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
def unused_port() -> int:
    """A port where nobody listens."""
    return free_port()


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


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.org")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(private + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def rendered() -> RenderedReport:
    """A report as the renderer hands it over."""
    return RenderedReport(
        subject="[RED] flights 2013-02-09: Größe ≤ 0.7",
        html='<html lang="en"><body><h1>RED</h1><img src="cid:trend" alt="0.64"></body></html>',
        text="RED\n" + "ü" * 2000 + "\n.\nend\n",
        images=(
            InlineImage(cid="column-1", png=PNG, alt="one"),
            InlineImage(cid="trend", png=PNG, alt="two"),
        ),
        model="flights",
        state=State.RED,
    )
