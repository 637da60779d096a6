"""The cases of known answers, as people write them in JSON Lines next to the model's YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.config.base import nearest
from daywatch.config.model.columns import ColumnType
from daywatch.errors import ConfigurationError, Problem
from daywatch.ingest.payloads.typed_rows import answer_columns
from daywatch.results import Record

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

ANSWERS = ("prediction", "probability", "probabilities")
"""What a case may expect."""

_LONGEST_NAME = 60
_BEYOND = 1 << 63
_WORDS = {
    ColumnType.NUMBER: "a number",
    ColumnType.INTEGER: "a whole number of 64 bits",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.CATEGORY: 'a text, such as "1",',
    ColumnType.TEXT: "a text",
}


class KnownAnswer(Record):
    """One case.

    Attributes:
        case: Name of the case.
        features: The feature values of the requests that the case is about; None for a missing value.
        expected: The answer, as far as the case gives it: ``prediction``, ``probability``, ``probabilities``.
    """

    case: str
    features: dict[str, Any]
    expected: dict[str, Any]


class _CaseError(ValueError):
    """An error in a line, with the key that has it."""

    def __init__(self, *, where: str = "", says: str) -> None:
        super().__init__(says)
        self.where = where


def read_known_answers(model: MonitoredModel, models: Path) -> tuple[KnownAnswer, ...]:
    """Read a model's known answers, none where its YAML names no file.

    Args:
        model: The monitored model, whose YAML may name a file of known answers.
        models: Folder of the models' YAML files.

    Raises:
        ConfigurationError: The file is missing or cannot be used; it lists all errors, with their lines.
    """
    if model.known_answers is None:
        return ()
    path = models / model.known_answers.file
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        message = f"cannot be read ({error.strerror}), but known_answers.file of {model.model!r} names it"
        raise ConfigurationError((Problem(str(path), 0, "", message),)) from error
    problems: list[Problem] = []
    cases: list[KnownAnswer] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                case = _case(line, model)
                _refuse_doubled("case", case.case, number, seen)
                _refuse_doubled("features", json.dumps(case.features, sort_keys=True), number, seen)
                cases.append(case)
        except _CaseError as error:
            problems.append(Problem(str(path), number, error.where, str(error)))
    if not cases and not problems:
        problems.append(
            Problem(str(path), 0, "", 'expected lines such as {"case": "storm", "features": ...}')
        )
    if problems:
        raise ConfigurationError(tuple(problems))
    return tuple(cases)


def _refuse_doubled(key: str, value: str, line: int, seen: dict[str, int]) -> None:
    first = seen.setdefault(f"{key} {value}", line)
    if first != line:
        raise _CaseError(where=key, says=f"the same as in line {first}; keep one of the two")


def _case(line: bytes, model: MonitoredModel) -> KnownAnswer:
    """Return the case of a line."""
    entry = _parsed(line)
    answers = answer_columns(model)
    for key in entry:
        if key not in ("case", "features", *answers):
            raise _CaseError(
                where=key, says=f"unknown key; accepted here: case, features, {', '.join(answers)}"
            )
    name, features = entry.get("case"), entry.get("features")
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise _CaseError(where="case", says=f"expected a name of 1 to {_LONGEST_NAME} visible characters")
    if not isinstance(features, dict) or not features:
        raise _CaseError(where="features", says="expected an object of at least one feature and its value")
    expected = {key: _answer(key, entry[key], model) for key in answers if key in entry}
    if not expected:
        raise _CaseError(says=f"expected an answer: {' or '.join(answers)}")
    wanted = {key: _feature(key, value, model) for key, value in features.items()}
    return KnownAnswer(case=name, features=wanted, expected=expected)


def _parsed(line: bytes) -> dict[str, Any]:
    """Return a line's object; a key that comes twice is an error."""
    try:
        entry = json.loads(line.decode(), parse_constant=_no_constant, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise _CaseError(says="this is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _CaseError(says=f"this is not JSON: {error.msg} (column {error.colno})") from error
    except RecursionError as error:
        raise _CaseError(says="this is nested too deeply") from error
    if not isinstance(entry, dict):
        raise _CaseError(says='expected an object such as {"case": "storm", "features": ...}')
    return entry


def _no_constant(name: str) -> Any:
    raise _CaseError(says=f"{name} is not JSON; write null for a missing value")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [key for key, _ in pairs]
    if doubled := next((key for key in names if names.count(key) > 1), None):
        raise _CaseError(where=doubled, says="this key comes twice; keep one of the two")
    return dict(pairs)


def _feature(name: str, value: Any, model: MonitoredModel) -> Any:
    """Return a feature's value in its type, None for a missing one."""
    types = {feature.name: feature.type for feature in model.features}
    if name not in types:
        raise _CaseError(where=f"features.{name}", says=f"there is no such feature{nearest(name, types)}")
    if name in model.redaction.columns:
        raise _CaseError(where=f"features.{name}", says="this feature is redacted: leave it out of all cases")
    return None if value is None else _typed(f"features.{name}", value, types[name])


def _answer(name: str, value: Any, model: MonitoredModel) -> Any:
    """Return an expected answer in its type."""
    if name == "prediction":
        return _typed(name, value, model.output.answer_type)
    if name == "probability":
        return _typed(name, value, ColumnType.NUMBER)
    size = len(model.output.classes)
    if not isinstance(value, list) or len(value) != size:
        raise _CaseError(
            where=name, says=f"expected a list of {size} numbers, one for each of output.classes"
        )
    return [_typed(name, one, ColumnType.NUMBER) for one in value]


def _typed(where: str, value: Any, kind: ColumnType) -> Any:
    """Return a value as the export types it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) < _BEYOND and kind is ColumnType.INTEGER and value == int(value):
        return int(value)
    if is_number and abs(value) <= 1.7e308 and kind is ColumnType.NUMBER:
        return float(value)
    if isinstance(value, bool) and kind is ColumnType.BOOLEAN:
        return value
    if isinstance(value, str) and value.strip(" ") and kind in (ColumnType.CATEGORY, ColumnType.TEXT):
        return value.strip(" ")
    raise _CaseError(
        where=where, says=f"expected {_WORDS[kind]} but received {json.dumps(value)[:_LONGEST_NAME]}"
    )
