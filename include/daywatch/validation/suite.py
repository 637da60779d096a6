"""The suite that people edit: ``include/suites/<model>.json``, kept through every rebuild of a baseline."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from daywatch.errors import ConfigurationError, Problem
from daywatch.validation.accepted import DEEPEST, unaccepted, unstorable
from daywatch.validation.fingerprint import content_fingerprint, expectation_key
from daywatch.validation.gx import configured, load_great_expectations


def merge(suggested: Mapping[str, Any], edited: Mapping[str, Any] | None) -> dict[str, Any]:
    """Merge a new suggestion with what people made of an earlier one.

    An expectation that nobody touched is replaced by its new suggestion, or removed where there is none any
    more. One that a person changed, or wrote, stays as it is; one that a person removed stays removed. New
    suggestions come last.

    Args:
        suggested: The new suite, from ``suggest_suite``.
        edited: The suite in the repository, None where there is none yet.
    """
    if edited is None:
        return dict(suggested)
    new = {expectation_key(expectation): expectation for expectation in suggested["expectations"]}
    written = list(edited.get("expectations") or [])
    present = {expectation_key(expectation) for expectation in written}
    earlier = set(_suggested_keys(edited))
    kept: list[dict[str, Any]] = []
    placed: set[str] = set()
    for expectation in written:
        key = expectation_key(expectation)
        if not _untouched(expectation):
            kept.append(expectation)
        elif key in new and key not in placed:
            kept.append(new[key])
            placed.add(key)
    added = [new[key] for key in new if key not in present | earlier]
    gone = {expectation_key(expectation) for expectation in written if _untouched(expectation)} - set(new)
    known = [*new, *sorted(earlier - set(new) - gone)]
    meta = {**(edited.get("meta") or {}), **suggested["meta"], "daywatch": {"suggested": known}}
    return {**suggested, "notes": edited.get("notes"), "expectations": kept + added, "meta": meta}


def _untouched(expectation: Mapping[str, Any]) -> bool:
    """Return whether an expectation still is what was suggested."""
    return bool(_recorded(expectation) == content_fingerprint(expectation))


def _recorded(expectation: Mapping[str, Any]) -> Any:
    own = (expectation.get("meta") or {}).get("daywatch")
    return own.get("suggested") if isinstance(own, Mapping) else None


def _suggested_keys(suite: Mapping[str, Any]) -> list[str]:
    own = (suite.get("meta") or {}).get("daywatch")
    keys = own.get("suggested") if isinstance(own, Mapping) else None
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def write_suite(path: Path, suite: Mapping[str, Any]) -> None:
    """Write a suite as people read it: two spaces, keys in order, a newline at the end; whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(suite, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_suite(path: Path) -> dict[str, Any]:
    """Read a suite and check that Great Expectations can use all of it.

    Raises:
        ConfigurationError: It cannot; the error lists all problems, with their lines.
    """
    try:
        text = path.read_bytes().decode()
        suite = json.loads(text, parse_constant=_no_constant)
    except OSError as error:
        raise ConfigurationError((Problem(str(path), 0, "", f"cannot be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = "this is not UTF-8; save the file as UTF-8"
        raise ConfigurationError((Problem(str(path), line, "", message),)) from error
    except RecursionError as error:
        message = f"this is nested more than {DEEPEST} levels deep"
        raise ConfigurationError((Problem(str(path), 0, "", message),)) from error
    except json.JSONDecodeError as error:
        problem = Problem(
            str(path), error.lineno, "", f"this is not JSON: {error.msg} (column {error.colno})"
        )
        raise ConfigurationError((problem,)) from error
    except ValueError as error:
        raise ConfigurationError((Problem(str(path), 0, "", str(error)),)) from error
    if message := unstorable(suite):
        raise ConfigurationError((Problem(str(path), 0, "", message),))
    if not isinstance(suite, dict) or not isinstance(suite.get("expectations"), list):
        message = 'expected an object with "name" and a list "expectations", as Great Expectations writes it'
        raise ConfigurationError((Problem(str(path), 1, "", message),))
    lines = list(_lines(text))
    problems = tuple(
        Problem(str(path), lines[index] if index < len(lines) else 0, f"expectations[{index}]", message)
        for index, expectation in enumerate(suite["expectations"])
        if (message := _problem(expectation))
    )
    if problems:
        raise ConfigurationError(problems)
    return suite


def _no_constant(name: str) -> Any:
    msg = f"{name} is not JSON; write a number, or leave the bound out"
    raise ValueError(msg)


def _problem(expectation: Any) -> str:
    """Return what is wrong with an expectation, empty where it can be used."""
    load_great_expectations()
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from pydantic.v1 import ValidationError

    if not isinstance(expectation, dict) or not isinstance(expectation.get("type"), str):
        return 'expected an object with "type" and "kwargs"'
    if not isinstance(expectation.get("kwargs", {}), dict):
        return 'expected "kwargs" to be an object'
    if refused := unaccepted(expectation):
        return refused
    try:
        configured(expectation, 0)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    except (GreatExpectationsError, TypeError, ValueError) as error:
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""


def _lines(text: str) -> Iterator[int]:
    """Yield the line on which each expectation of valid JSON starts."""
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        if key == "expectations":
            at = _skip(text, at + 1)
            while text[at] != "]":
                yield text.count("\n", 0, at) + 1
                at = _skip(text, decoder.raw_decode(text, at)[1])
            return
        at = _skip(text, decoder.raw_decode(text, at)[1])


def _skip(text: str, at: int) -> int:
    """Return the next place that is neither white space nor a separator."""
    while text[at] in " \t\r\n,:":
        at += 1
    return at
