"""The day of a model without a rule of its own: calibrated once, and judged by what is usual for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from captures import Inference, day_of
from daywatch.artifacts import BaselineFolder
from daywatch.errors import SetupError
from daywatch.judge.evidence import read_evidence
from daywatch.measure.calibration.limits import Calibration
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.storage import open_storage
from models import NAME, model
from places import DAY, Place

BASELINE = [f"2024-02-{day:02}" for day in range(23, 30)] + ["2024-03-01", "2024-03-02"]
STANDARD = {
    "plan": {"preset": "standard"},
    "drift": {"drawing_rows": 100},
    "baseline": {"first": BASELINE[0], "last": BASELINE[-1]},
    "retraining": None,
}


@pytest.fixture
def calibrated(place: Callable[..., Place]) -> Place:
    """A place with a calibrated baseline of nine days."""
    made = place(**STANDARD)
    for day in BASELINE:
        made.endpoint.play(day_of(day))
    build_baseline(NAME, made.deployment)
    return made


def in_cents(one: Inference) -> Inference:
    amount, _, others = one.request.partition(",")
    return replace(one, request=f"{float(amount) * 100:.0f},{others}")


def test_a_healthy_day_and_one_whose_amounts_are_in_another_unit(calibrated: Place) -> None:
    calibrated.endpoint.play(day_of(DAY))
    _, healthy = calibrated.run()

    calibrated.endpoint.capture(map(in_cents, day_of(DAY)))
    run, verdict = calibrated.run()

    assert healthy.state is State.GREEN, healthy.reasons
    assert healthy.short.startswith("ROC AUC 0.")
    assert verdict.state is State.RED
    assert verdict.short == "amount looks multiplied by 100"
    assert verdict.reasons[0].startswith("amount looks multiplied by 100 ")
    assert any(reason.startswith("amount is out of the baseline's range ") for reason in verdict.reasons[1:])
    assert any(reason.startswith("amount drifted") for reason in verdict.reasons[1:])
    artifacts = open_storage(calibrated.deployment.artifacts_uri, calibrated.deployment)
    evidence = read_evidence(run, artifacts, model(**STANDARD))
    (drift,) = (one for one in evidence.metrics if (one.name, one.column) == ("drift_score", "amount"))
    calibration = Calibration.model_validate_json(artifacts.read(run.baseline.calibration))
    limit = calibration.distance("amount", "robust_wasserstein")
    assert limit is not None
    assert (limit.days, drift.threshold, drift.alert) == (9, pytest.approx(limit.at(60)), True)


def test_a_baseline_that_was_built_without_the_preset(calibrated: Place) -> None:
    calibrated.endpoint.play(day_of(DAY))
    baseline = build_baseline(NAME, calibrated.deployment)
    artifacts = open_storage(calibrated.deployment.artifacts_uri, calibrated.deployment)
    key = BaselineFolder(NAME, baseline).calibration
    before = artifacts.read(key)
    artifacts.delete(key)

    with pytest.raises(SetupError, match="is not calibrated, and the plan has the standard rules"):
        calibrated.run()
    assert build_baseline(NAME, calibrated.deployment) == baseline
    assert artifacts.read(key) == before
