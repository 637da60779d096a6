"""What a failure of the machine means: a full disk may pass, a missing right needs a person.

It is read from the operating system's numbers, which DuckDB and the storage repeat as text in their errors.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from daywatch.errors import DaywatchError, InfrastructureError, SetupError

_MAY_PASS = ("ENOSPC", "EDQUOT", "EIO", "EAGAIN", "ENOMEM", "EMFILE", "ENFILE")
_NEEDS_A_PERSON = ("EACCES", "EPERM", "EROFS")
_NUMBER = re.compile(r'os error (\d+)|\\?"errno\\?":\\?"(\d+)')
_NO_ROOM_TO_SPILL = "max_temp_directory_size"
"""DuckDB's setting of how much it may spill, which its error names: by default what the disk has left."""

_NO_THREAD = "can't start new thread"
"""Python's RuntimeError, which has no number."""

_DUCKDB = "_duckdb"
"""The module of DuckDB's errors, so that they are recognised without an import of it."""

_LONGEST = 300


def errno_of(error: BaseException) -> int | None:
    """Return the number of the operating system's error behind an error, None where it names none.

    Args:
        error: An ``OSError``, or an error of DuckDB or obstore, which put the number or its text into theirs.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    message = str(error)
    if found := _NUMBER.search(message):
        return int(found[1] or found[2])
    names = (*_MAY_PASS, *_NEEDS_A_PERSON)
    numbers = (getattr(errno, name) for name in names if hasattr(errno, name))
    return next((number for number in numbers if os.strerror(number) in message), None)


def failure(error: BaseException, what: str) -> DaywatchError | None:
    """Return the error that says what a failure of the machine means, None where it is something else.

    Args:
        error: What was raised.
        what: What failed, as the sentence begins, such as ``The work in the scratch folder /tmp/daywatch-a``.
    """
    number, message = errno_of(error), str(error)
    name = errno.errorcode.get(number, "") if number is not None else ""
    if isinstance(error, RuntimeError) and _NO_THREAD in message:
        name, cause = "EAGAIN", "the machine gives no more threads"
    elif _NO_ROOM_TO_SPILL in message:
        name, cause = "ENOSPC", os.strerror(errno.ENOSPC)
    else:
        cause = os.strerror(number) if number is not None else ""
    place = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    if name in _MAY_PASS:
        check = "Make room, or set DAYWATCH_SCRATCH to a folder with room, and check limits and quotas"
        return InfrastructureError(f"{what} failed: {cause}{place}. {check}."[: 2 * _LONGEST])
    if name in _NEEDS_A_PERSON:
        check = "Give the user that runs Daywatch the right to read and write there"
        return SetupError(f"{what} failed: {cause}{place}. {check}."[: 2 * _LONGEST])
    return None


@contextmanager
def machine_failures(what: str) -> Iterator[None]:
    """Raise a failure of the machine as an error of ours, in one sentence; let all else through.

    Args:
        what: What failed, as the sentence begins.

    Raises:
        InfrastructureError: A disk is full, a quota is used up, there are no threads or files left.
        SetupError: A right is missing.
    """
    try:
        yield
    except Exception as error:
        of_machine = isinstance(error, OSError | RuntimeError) or type(error).__module__ == _DUCKDB
        if not of_machine or (meant := failure(error, what)) is None:
            raise
        raise meant from error
