"""Reading stored mails. Everything in a mail may be forged or broken; what cannot be decoded is shown raw."""

import base64
import email
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_CONTENT_ID = re.compile(r"cid:([^\"'\s)>]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Summary:
    """One line of the list.

    Attributes:
        id: Name of the mail's file, without the extension.
        received: The time of arrival in nanoseconds since 1970.
        to: The recipients given to the server, including blind copies.
    """

    id: str
    received: int
    sender: str
    to: str
    subject: str
    date: str


@dataclass(frozen=True)
class Mail:
    """A whole mail; `html` and `text` are None when it has no such part."""

    summary: Summary
    html: str | None
    text: str | None
    source: str
    attachments: tuple[str, ...]


def list_mails(folder: Path, limit: int) -> list[Summary]:
    """Return the newest mails, newest first."""
    paths = sorted((path for path in folder.glob("*.eml") if _NAME.fullmatch(path.stem)), reverse=True)
    return [_summary(path.stem, _read(path)) for path in paths[:limit]]


def read_mail(folder: Path, mail_id: str) -> Mail | None:
    """Return one mail by its id, None if there is none (ids come from addresses, so they are checked)."""
    path = folder / f"{mail_id}.eml"
    if not _NAME.fullmatch(mail_id) or not path.is_file():
        return None
    message = _read(path)
    html = _first(message, "text/html")
    return Mail(
        summary=_summary(mail_id, message),
        html=None if html is None else _with_images(html, message),
        text=_first(message, "text/plain"),
        source=path.read_bytes().decode("utf-8", errors="replace"),
        attachments=tuple(name for part in message.walk() if (name := part.get_filename())),
    )


def _read(path: Path) -> Message:
    # The default policy (compat32) accepts any header as it is; the newer ones raise errors on malformed ones.
    return email.message_from_bytes(path.read_bytes())


def _summary(mail_id: str, message: Message) -> Summary:
    return Summary(
        id=mail_id,
        received=int(mail_id.split("-", maxsplit=1)[0]),
        sender=_decoded(message["From"]),
        to=", ".join(_decoded(value) for value in message.get_all("Delivered-To", [])),
        subject=_decoded(message["Subject"]),
        date=_decoded(message["Date"]),
    )


def _decoded(value: object) -> str:
    raw = "" if value is None else str(value)
    try:
        text = str(make_header(decode_header(raw)))
    except (MessageError, LookupError, ValueError):
        text = raw
    return " ".join(text.split())


def _first(message: Message, content_type: str) -> str | None:
    for part in message.walk():
        if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
            return _text(part)
    return None


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return raw.decode("utf-8", errors="replace")


def _with_images(html: str, message: Message) -> str:
    """Return the HTML with the mail's own images (`cid:`) as data; others are never fetched."""
    images: dict[str, str] = {}
    for part in message.walk():
        content_id = str(part.get("Content-ID", "")).strip().strip("<>")
        content = part.get_payload(decode=True)
        if content_id and part.get_content_type() in _IMAGES and isinstance(content, bytes):
            data = base64.b64encode(content).decode("ascii")
            images[content_id] = f"data:{part.get_content_type()};base64,{data}"
    return _CONTENT_ID.sub(lambda found: images.get(found[1], found[0]), html)
