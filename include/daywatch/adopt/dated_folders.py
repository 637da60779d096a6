"""Where a prefix has objects of which days: found by going down one folder at a time, never by listing it all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.ingest.labels.dated import what_is_there
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.storage import Storage

_LISTED = 6
_DEEPEST = 12

_DAY = re.compile(r"(?<!\d)(?P<Y>(?:19|20)\d\d)(?P<mark>[-_]?)(?P<m>[01]\d)(?P=mark)(?P<d>[0-3]\d)(?!\d)")
_YEAR = re.compile(r"(?P<before>[A-Za-z_]+=)?(?P<Y>(?:19|20)\d\d)")
_TWO_DIGITS = re.compile(r"(?P<before>[A-Za-z_]+=)?(?P<value>\d\d)")


@dataclass(frozen=True)
class DatedFolders:
    """A folder below which paths name days.

    Attributes:
        prefix: The folder, below the data URI.
        partition: How the path below it names the day or hour, in strftime's format codes; empty where none does.
        first: The first day that has objects.
        last: The last day that has objects.
        newest: The folder of the last day or hour, with its slash.
        has_sides: Whether the prefix has the folders ``input`` and ``output``, of which the second one was followed.
    """

    prefix: str
    partition: str
    first: date
    last: date
    newest: str
    has_sides: bool = False


@dataclass
class _Descent:
    """The way down to one end of the days: the last or the first."""

    folder: str
    partition: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    has_sides: bool = False

    @property
    def day(self) -> date:
        """The day that the path names."""
        return date(*(int(self.known[one]) for one in "Ymd"))


def dated_folders(storage: Storage, prefix: str) -> DatedFolders:
    """Return which days the paths below a prefix name.

    Args:
        storage: The storage of the data URI.
        prefix: A folder below it, empty for the whole of it.

    Raises:
        SetupError: Nothing is there, no path names a day, or several folders could be meant.
        InfrastructureError: The storage did not answer.
    """
    last = _descend(storage, prefix, max)
    first = _descend(storage, prefix, min)
    depth = len(last.partition)
    folders = last.folder.split("/")
    is_of_files = bool(last.partition) and last.partition[-1].endswith("*")
    top = folders[: len(folders) - depth + is_of_files]
    if last.has_sides:
        top = top[:-1]
    return DatedFolders(
        "/".join(top),
        "/".join(last.partition),
        first.day,
        last.day,
        newest=f"{last.folder}/",
        has_sides=last.has_sides,
    )


def _descend(storage: Storage, prefix: str, choose: Callable[[list[str]], str]) -> _Descent:
    at = _Descent(prefix.strip("/"))
    for _ in range(_DEEPEST):
        names = storage.names(f"{at.folder}/" if at.folder else "")
        folders = [one.rstrip("/") for one in names if one.endswith("/")]
        dated = {one: found for one in folders if (found := _dated(one, at.known))}
        if dated:
            name = choose(list(dated))
            pattern, known = dated[name]
            at.partition.append(pattern)
            at.known |= known
        elif "d" in at.known:
            return at
        elif files := {one: found for one in names if (found := _dated_file(one))}:
            pattern, known = files[choose(list(files))]
            at.partition.append(pattern)
            at.known |= known
            return at
        elif not at.partition and {"input", "output"} <= set(folders):
            name, at.has_sides = "output", True
        elif not at.partition and len(folders) == 1:
            (name,) = folders
        else:
            raise SetupError(_sentence(storage, at, names))
        at.folder = f"{at.folder}/{name}".lstrip("/")
    raise SetupError(_sentence(storage, at, ()))


def _dated(name: str, known: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the part of a partition that a folder's name is, with the values of its codes."""
    if not known:
        if found := _day(name):
            return found
        year = _YEAR.fullmatch(name)
        return (f"{year['before'] or ''}%Y", {"Y": year["Y"]}) if year else None
    two = _TWO_DIGITS.fullmatch(name)
    code = next((one for one in "mdH" if one not in known), None)
    if two is None or code is None or not _is_in_range(code, int(two["value"])):
        return None
    return f"{two['before'] or ''}%{code}", {code: two["value"]}


def _is_in_range(code: str, value: int) -> bool:
    least, most = {"m": (1, 12), "d": (1, 31), "H": (0, 23)}[code]
    return least <= value <= most


def _day(name: str) -> tuple[str, dict[str, str]] | None:
    found = _DAY.search(name)
    if found is None or not re.fullmatch(r"[A-Za-z0-9._=-]*", name):
        return None
    try:
        date(int(found["Y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
    mark = found["mark"]
    pattern = f"{name[: found.start()]}%Y{mark}%m{mark}%d{name[found.end() :]}"
    return pattern, {code: found[code] for code in "Ymd"}


def _dated_file(name: str) -> tuple[str, dict[str, str]] | None:
    """Return the part of a partition that a file's name is: up to the day, and anything behind it."""
    found = None if name.endswith("/") else _day(name)
    if found is None:
        return None
    pattern, known = found
    return f"{pattern.partition('%d')[0]}%d*", known


def _sentence(storage: Storage, at: _Descent, names: tuple[str, ...]) -> str:
    """Return why no days were found, with what was seen instead."""
    where = storage.address(at.folder)
    listed = ", ".join(map(shown, names[:_LISTED])) + (" and others" if len(names) > _LISTED else "")
    if not names:
        there = what_is_there(at.folder, storage)
        return f"There is nothing under {where}: expected folders of captures; {there}. Name one that has captures."
    folders = [one for one in names if one.endswith("/")]
    if not at.partition and len(folders) > 1:
        return f"Several folders under {where} could be meant: {listed}. Name the one of this model."
    return (
        f"No path under {where} names a day: it has {listed}; expected folders such as 2024/03/03/ or dt=2024-03-03/, "
        "or files such as 2024-03-03.csv."
    )
