"""A message for a service: a title and a few lines of harmless text."""

from __future__ import annotations

from daywatch.results import Record, State


class Message(Record):
    """What a service gets.

    Attributes:
        key: What the message is, the same on every try.
        model: Name of the model.
        state: Verdict on the window.
        title: What happened, in one line.
        body: The cause, since when, what to do, links; plain text.
    """

    key: str
    model: str
    state: State
    title: str
    body: str
