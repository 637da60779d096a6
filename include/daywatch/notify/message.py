"""The mail itself: a rendered report as a message, with the same bytes on every try."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from daywatch.errors import SetupError

if TYPE_CHECKING:
    from daywatch.report.render import RenderedReport

_DOMAIN = "daywatch"


def message_id(model: str, window: str, revision: str, kind: str) -> str:
    """Return a mail's Message-ID: the same for the same cause, so that mail programs show a second copy once."""
    return f"<{model}.{window}.{revision}.{kind}@{_DOMAIN}>"


def compose(
    rendered: RenderedReport, recipients: Sequence[str], sender: str, message_id: str, date: datetime
) -> EmailMessage:
    """Compose the mail: text, and HTML related to its pictures; the same arguments give the same bytes.

    Args:
        rendered: Subject, texts and pictures.
        recipients: Addresses of the recipients, shown in ``To``.
        sender: Address of the sender, with or without a name: ``Daywatch <daywatch@example.org>``.
        message_id: Message-ID with angle brackets.
        date: Time of the window's run, for the ``Date`` header; the same on every try.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(parseaddr(sender)[1], parseaddr(sender)[0])
    mail["To"] = [_address(recipient) for recipient in recipients]
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    # All mails of a model reply to the same mail, which does not exist: mail programs show them as one thread.
    thread = f"<model.{rendered.model}@{_DOMAIN}>"
    mail["In-Reply-To"] = thread
    mail["References"] = thread
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Daywatch-Model"] = rendered.model
    mail["X-Daywatch-State"] = str(rendered.state)
    mail.set_content(rendered.text, cte="quoted-printable")
    page = MIMEPart(policy=SMTP)
    page.set_content(rendered.html, subtype="html", cte="quoted-printable")
    for image in rendered.images:
        page.add_related(
            image.png,
            "image",
            "png",
            cid=f"<{image.cid}>",
            disposition="inline",
            filename=f"{image.cid}.png",
        )
    mail.make_alternative()
    mail.attach(page)  # type: ignore[arg-type] # A MIMEPart is what RFC 2045 wants: only the whole has a version.
    _set_boundaries(mail, message_id)
    return mail


def _address(text: str, name: str = "") -> Address:
    """Parse an address, so that one with a line break or a comma never reaches a header."""
    try:
        return Address(name, addr_spec=text)
    except (ValueError, IndexError, HeaderParseError) as error:
        msg = f"Expected a mail address such as team@example.org, but received {text!r}."
        raise SetupError(msg) from error


def _set_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Derive the boundaries from the Message-ID; the library would choose random ones."""
    parts: list[MIMEPart] = [part for part in mail.walk() if part.is_multipart()]
    for i, part in enumerate(parts):
        digest = hashlib.sha256(f"{message_id}/{i}".encode()).hexdigest()[:40]
        part.set_boundary(f"=_{digest}")
