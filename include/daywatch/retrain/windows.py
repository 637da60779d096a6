"""Which judged windows a retraining uses: to train on, to hold back, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from daywatch.config.model.retraining import Mode
from daywatch.results import Record, State
from daywatch.verdicts import CauseKind
from daywatch.warehouse.causes import stored_causes
from daywatch.warehouse.history import judged_windows
from daywatch.window import Window

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.model.retraining import Retraining

DATA_FAULTS = (CauseKind.DATA, CauseKind.LABELS)
"""Kinds of causes whose rows a model must not learn."""

Revision = tuple[Window, str]
"""A window, and its newest revision."""


class LeftOut(Record):
    """A window that a retraining does not use.

    Attributes:
        window: The window's key.
        reason: Why, in a few words.
    """

    window: str
    reason: str


@dataclass(frozen=True)
class ChosenWindows:
    """The windows of a retraining.

    Attributes:
        training: The windows to train on, oldest first.
        held_back: The windows to evaluate on: the last ones.
        left_out: The windows that are not used.
        since: With a sliding window, the start of what is trained on; None for all.
    """

    training: tuple[Revision, ...]
    held_back: tuple[Revision, ...]
    left_out: tuple[LeftOut, ...]
    since: datetime | None


def chosen_windows(
    connection: sa.Connection, model: str, settings: Retraining, until: Window, zone: tzinfo
) -> ChosenWindows:
    """Choose among the judged windows up to one, each at its newest revision.

    A window is left out if a fault of its features or labels made it AMBER or RED, if nobody knows what did, or if it
    has no labels.

    Args:
        connection: Connection to the warehouse.
        model: Name of the model.
        settings: The model's settings.
        until: The last window.
        zone: The time zone of the windows.
    """
    judged = judged_windows(connection, model, before=until.end)
    causes = stored_causes(connection, model, judged)
    used: list[Revision] = []
    left_out: list[LeftOut] = []
    for one in judged:
        known = causes.get((one.window, one.revision), ())
        faults = [
            cause
            for cause in known
            if not cause.parent and cause.kind in DATA_FAULTS and cause.state >= State.AMBER
        ]
        if faults:
            left_out.append(LeftOut(window=one.window, reason=faults[0].short))
        elif one.state >= State.AMBER and not known:
            reason = f"judged {one.state} by a Daywatch that stored no causes: judge it again"
            left_out.append(LeftOut(window=one.window, reason=reason))
        elif not one.labelled:
            left_out.append(LeftOut(window=one.window, reason="no labels"))
        else:
            used.append((Window.parse(one.window, zone), one.revision))
    held_back, training = used[-settings.held_back_windows :], used[: -settings.held_back_windows]
    since = None
    if settings.mode is Mode.SLIDING and held_back:
        since = held_back[0][0].start - timedelta(days=settings.days or 0)
        training = [one for one in training if one[0].start >= since]
    return ChosenWindows(tuple(training), tuple(held_back), tuple(left_out), since)
