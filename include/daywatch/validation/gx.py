"""From suite JSON to Great Expectations' objects."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from daywatch.validation.fingerprint import DEFAULT_SEVERITY

if TYPE_CHECKING:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


def load_great_expectations() -> None:
    """Import Great Expectations and our expectations, which fills its registries, with its telemetry off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    import great_expectations  # noqa: F401

    import daywatch.validation.prediction_expectations  # noqa: F401


@contextmanager
def configured_once() -> Iterator[None]:
    """Let Great Expectations make each expectation's configuration once, until the context is left.

    It makes it anew, name and all, for every argument that it looks up: 70 times for each expectation. The
    functions are replaced for the whole process: one thread at a time may do so.
    """
    from great_expectations.expectations import expectation

    kind: Any = expectation.Expectation
    made, named = kind.configuration, expectation.camel_to_snake
    known: dict[int, tuple[Any, Any]] = {}

    def remembered(self: Any) -> Any:
        if id(self) not in known:
            known[id(self)] = self, made.fget(self)  # (kept, so that no other gets its id)
        return known[id(self)][1]

    kind.configuration = property(remembered)
    expectation.camel_to_snake = cache(named)
    try:
        yield
    finally:
        kind.configuration, expectation.camel_to_snake = made, named


def configured(expectation: Mapping[str, Any], place: int) -> ExpectationConfiguration:
    """Return GX's configuration of an expectation, its place in the suite as ``meta["place"]``.

    Raises:
        ValueError: The severity is none of GX's.
    """
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectationConfiguration(
        type=expectation["type"],
        kwargs=deepcopy(dict(expectation.get("kwargs") or {})),
        meta={"place": place},
        severity=FailureSeverity(expectation.get("severity") or DEFAULT_SEVERITY),
    )
