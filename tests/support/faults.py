"""What may happen to a request on its way to a server and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What happens to a request."""

    RESET = "the connection is reset, the server sees nothing"
    STALL = "nothing passes any more, the connection stays"
    ANSWER = "another answer comes, the server sees nothing"
    HALF = "half of the answer's body comes, then the connection ends"
    LOST = "the server has done it, its answer is replaced by a reset"
    SILENT = "the server has done it, its answer never comes"
    CHANGED = "the answer has another body"
    LATE = "the answer comes late, and the connection goes on"


@dataclass
class Fault:
    """What strikes which requests.

    Attributes:
        kind: What happens.
        pattern: Regular expression of what a client sends.
        answer: What comes in place of the server's answer.
        change: Returns the body that comes in place of the answer's.
        after: Only on a connection that has sent this before; None for any.
        skip: Matches that pass before the first one that is struck.
        times: Matches that are struck; None for all.
        struck: Matches that were struck.
        done: Struck requests that the server has answered before its answer was lost or held: it has done them.
        most_open: The largest number of struck requests that waited for their answers at the same time.
    """

    kind: Kind
    pattern: bytes
    answer: bytes = b""
    change: Callable[[bytes], bytes] | None = None
    after: bytes | None = None
    skip: int = 0
    times: int | None = 1
    struck: int = 0
    done: int = 0
    most_open: int = 0
