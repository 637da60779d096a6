"""Configurations that Great Expectations makes once are those that it makes anew each time."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.model.model import MonitoredModel
from daywatch.validation import run_suite as run
from daywatch.validation.gx import load_great_expectations
from daywatch.validation.run_suite import validate_rows

Write = Callable[..., Path]


def test_the_result_is_the_same_and_each_configuration_is_made_once(
    write: Write,
    suite: dict[str, Any],
    model: MonitoredModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_great_expectations()
    from great_expectations.expectations import expectation

    calls: Counter[int] = Counter()
    kept: list[Any] = []  # (so that no two have one id)
    made: Any = expectation.Expectation.configuration

    def counted(self: Any) -> Any:
        kept.append(self)
        calls[id(self)] += 1
        return made.fget(self)

    replaced = property(counted)
    monkeypatch.setattr(expectation.Expectation, "configuration", replaced)
    path, named = write(drop=("hour",)), expectation.camel_to_snake
    once = validate_rows(path, suite, model, tmp_path)
    assert set(calls.values()) == {1}
    assert expectation.Expectation.configuration is replaced
    assert expectation.camel_to_snake is named
    monkeypatch.setattr(run, "configured_once", contextlib.nullcontext)
    assert validate_rows(path, suite, model, tmp_path) == once
    assert max(calls.values()) > 2
