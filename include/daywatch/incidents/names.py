"""The names of incidents: the same cause in the same windows has the same id in every run and every order."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from daywatch.config.model.capture import SqlCapture
from daywatch.errors import SetupError
from daywatch.verdicts import CauseKind

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.incidents.types import SeenCause

KEY_LENGTH = 12
"""Hexadecimal digits of a cause's key."""

_ID = re.compile(rf"(?P<key>[0-9a-f]{{{KEY_LENGTH}}})-(?P<start>\d{{4}}-\d\d-\d\d(T\d{{4}})?)")


def feed_of(model: MonitoredModel) -> str:
    """Return the feed of a model: models with the same feed share the incidents of its columns.

    Args:
        model: The model's configuration, which may name its feed; else it is the folder of the captures.
    """
    if model.incidents.feed:
        return model.incidents.feed
    capture = model.capture
    if isinstance(capture, SqlCapture):
        return f"sql:{capture.connection}"
    folder = capture.prefix or str(getattr(capture, "endpoint", ""))
    return f"{capture.uri.rstrip('/')}/{folder}" if capture.uri else folder


def cause_key(model: str, feed: str, cause: SeenCause) -> str:
    """Return what recognises a cause over windows and, for a fault of a feed's column, over models.

    Args:
        model: Name of the model.
        feed: The model's feed.
        cause: The cause.
    """
    scope = f"feed {feed}" if is_of_feed(cause) else f"model {model}"
    return hashlib.sha256(f"{scope}\n{cause.fingerprint}".encode()).hexdigest()[:KEY_LENGTH]


def is_of_feed(cause: SeenCause) -> bool:
    """Return whether a cause is a fault of a column of the input, which other models may read too."""
    return cause.kind is CauseKind.DATA and bool(cause.column) and not cause.slice


def incident_id(key: str, first_window: datetime) -> str:
    """Return an incident's id, such as ``3f9a12c4d0b1-2013-02-09``; with the time where that is not midnight in UTC.

    Args:
        key: The key of its cause.
        first_window: Start of its first window.
    """
    return f"{key}-{name_of_start(first_window)}"


def name_of_start(start: datetime) -> str:
    """Return a window's start for names: ``2013-02-09``, or ``2013-02-09T1400`` where it is not midnight in UTC."""
    return f"{start:%Y-%m-%d}" if start.time() == time() else f"{start:%Y-%m-%dT%H%M}"


def start_named(name: str) -> datetime:
    """Return the start of a window by its name.

    Raises:
        ValueError: The text is no such name.
    """
    return datetime.fromisoformat(name).replace(tzinfo=UTC)


def parts_of(text: str) -> tuple[str, datetime]:
    """Return the key of the cause and the start of the first window of an incident's id.

    After a backfill of earlier windows, an incident begins earlier and has another id. The parts still lead to it.

    Raises:
        SetupError: The text is not such an id.
    """
    found = _ID.fullmatch(text)
    try:
        if found:
            return found["key"], start_named(found["start"])
    except ValueError:
        pass  # the 99th of a month is no day either
    msg = (
        f"There is no incident {text!r:.80}: expected an id such as 3f9a12c4d0b1-2013-02-09; "
        "`daywatch incidents list` shows them."
    )
    raise SetupError(msg)
