"""A real mail server, and a small rendered report."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from daywatch.report.charts.images import InlineImage
from daywatch.report.render import RenderedReport
from daywatch.results import State
from inbox import free_port, start

__all__ = ["start"]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def unused_port() -> int:
    """A port where nobody listens."""
    return free_port()


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
