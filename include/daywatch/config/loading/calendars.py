"""Calendar files: days that several models share, one date a line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from daywatch.config.base import nearest

FOLDER = "calendars"
"""The folder of the calendars, next to the models' YAML files."""

_ENDING = ".txt"
_MOST_DAYS = 10_000

_PLACES = (("schedule", "silent", "calendar"), ("plan", "holidays"))
"""Where a model's YAML may name a calendar in place of a list of dates."""


def calendar_files(folder: Path) -> list[Path]:
    """Return the calendars next to the models' files, sorted by name.

    Args:
        folder: The folder of the models' YAML files.
    """
    return sorted((folder / FOLDER).glob(f"*{_ENDING}"))


def with_calendars(data: dict[str, Any], folder: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Put the days of calendars in place of their names, and yield the place and the error of each that fails.

    Args:
        data: The content of a model's file, which is changed.
        folder: The folder of the models' YAML files.
    """
    files = {path.stem: path for path in calendar_files(folder)}
    for *outer, last in _PLACES:
        section: Any = data
        for key in outer:
            section = section.get(key) if isinstance(section, dict) else None
        name = section.get(last) if isinstance(section, dict) else None
        if not isinstance(name, str):
            continue
        try:
            section[last] = _days(name, files)
        except ValueError as error:
            section[last] = [date(1, 1, 1)]  # (any day: the error below is the one to correct)
            yield (*outer, last), str(error)


def _days(name: str, files: dict[str, Path]) -> list[date]:
    """Return the days of a calendar.

    Raises:
        ValueError: There is no such calendar, or a line is no date.
    """
    if name not in files:
        known = f"; there are: {', '.join(files)}" if files else ""
        msg = f"there is no calendar {name!r}{nearest(name, list(files))}, expected {FOLDER}/{name}{_ENDING}{known}"
        raise ValueError(msg)
    try:
        lines = files[name].read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{FOLDER}/{name}{_ENDING} cannot be read as UTF-8 text: {error}"
        raise ValueError(msg) from None
    days = []
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].split(maxsplit=1)
        if not words:
            continue
        try:
            days.append(date.fromisoformat(words[0]))
        except ValueError:
            msg = (
                f"{FOLDER}/{name}{_ENDING}, line {number}: expected a date such as 2024-12-25, and after it what you "
                f"like, but received {words[0]!r:.40}"
            )
            raise ValueError(msg) from None
    if not 0 < len(days) <= _MOST_DAYS:
        msg = f"{FOLDER}/{name}{_ENDING}: expected 1 to {_MOST_DAYS:,} days, but there are {len(days):,}"
        raise ValueError(msg)
    return sorted(set(days))
