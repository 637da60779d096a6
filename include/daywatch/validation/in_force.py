"""The suite that a window is validated with: suggested by the baseline and known answers, edited by people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daywatch.validation.cases import read_known_answers
from daywatch.validation.draft import suggested_expectation
from daywatch.validation.edited import edited_suite
from daywatch.validation.fingerprint import expectation_key
from daywatch.validation.known_answers import draft_known_answers
from daywatch.validation.suite import merge

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel


def suite_in_force(
    suggested: Mapping[str, Any], model: MonitoredModel, deployment: Deployment
) -> dict[str, Any]:
    """Return a model's suite as it is now.

    Args:
        suggested: The suite that was suggested from the baseline.
        model: The monitored model.
        deployment: The installation, which says where known answers and edited suites are stored.

    Raises:
        ConfigurationError: The file of known answers, or the edited suite, cannot be used.
    """
    whole = _with_known_answers(suggested, model, deployment)
    return merge(whole, edited_suite(deployment.suites, model.model))


def _with_known_answers(
    suggested: Mapping[str, Any], model: MonitoredModel, deployment: Deployment
) -> dict[str, Any]:
    """Return a suggested suite with an expectation for each known answer, last."""
    if model.known_answers is None:
        return dict(suggested)
    drafts = draft_known_answers(read_known_answers(model, deployment.models), model.known_answers)
    expectations = [
        *suggested["expectations"],
        *(suggested_expectation(model.model, draft) for draft in drafts),
    ]
    own = {"suggested": [expectation_key(expectation) for expectation in expectations]}
    return {**suggested, "expectations": expectations, "meta": {**suggested["meta"], "daywatch": own}}
