"""From suite JSON to Great Expectations' objects."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from daywatch.validation.fingerprint import DEFAULT_SEVERITY

if TYPE_CHECKING:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration


def load_great_expectations() -> None:
    """Import Great Expectations and our expectations, which fills its registries, with its telemetry off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    import great_expectations  # noqa: F401

    import daywatch.validation.prediction_expectations  # noqa: F401


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
