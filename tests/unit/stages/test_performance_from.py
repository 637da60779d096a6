"""A data set without predictions takes its performance from days that the model has served."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import models
import pytest
from captures import day_of
from daywatch.errors import SetupError
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from models import NAME
from places import Place
from pydantic import ValidationError
from sklearn.metrics import roc_auc_score

SERVED = ("2024-03-03", "2024-03-04")
DAY = "2024-03-05"
BASELINE = {
    "dataset": "train.csv",
    "label": "bought",
    "performance_from": {"first": SERVED[0], "last": SERVED[1]},
}
RULE = {"metric": "roc_auc", "red": "falls by 0.2"}


def train(place: Place) -> None:
    lines = [
        "amount,items,member,country,bought",
        *(f"{one.request},{one.label}" for one in day_of("2024-02-01")),
    ]
    folder = Path(place.deployment.data_uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.csv").write_text("\n".join(lines))


def auc_of(place: Place, run: Any) -> dict[str, Any]:
    measured = json.loads(place.files()[run.folder.measurement])
    (found,) = (one for one in measured["metrics"] if one["name"] == "roc_auc" and not one["slice"])
    return dict(found)


def test_performance_comes_from_days_that_were_served(place: Callable[..., Place]) -> None:
    here = place(baseline=BASELINE, plan__rules=[RULE], retraining=None, plan__actions=None)
    train(here)
    with pytest.raises(
        SetupError, match="baseline.performance_from have 0 labelled rows, expected at least 10"
    ):
        build_baseline(NAME, here.deployment)
    served = [one for day in SERVED for one in day_of(day)]
    here.endpoint.play(served)
    here.endpoint.play(day_of(DAY))

    identity = build_baseline(NAME, here.deployment)
    run, verdict = here.run(DAY)

    metric = auc_of(here, run)
    scores = [float(one.response.split(",")[1]) for one in served]
    assert metric["baseline"] == pytest.approx(roc_auc_score([int(one.label or 0) for one in served], scores))
    assert metric["baseline_rows"] == len(served)
    assert metric["difference_low"] is not None
    assert verdict.state is State.GREEN
    assert build_baseline(NAME, here.deployment) == identity  # the same evidence, the same id


def test_until_the_days_are_over_it_has_none(place: Callable[..., Place]) -> None:
    days = {"first": "2124-03-03", "last": "2124-03-04"}
    changes: dict[str, Any] = {"retraining": None, "plan__actions": None}
    here = place(baseline={**BASELINE, "performance_from": days}, plan__rules=[RULE], **changes)
    train(here)
    here.endpoint.play(day_of(DAY))
    build_baseline(NAME, here.deployment)

    run, verdict = here.run(DAY)

    assert auc_of(here, run)["baseline"] is None
    assert verdict.state is State.GREY
    assert "days under baseline.performance_from" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ({**BASELINE, "prediction": "p"}, "this one has some"),
        (
            {**BASELINE, "performance_from": {"first": DAY, "last": SERVED[0]}},
            r"last \(2024-03-03\) is before first",
        ),
        (
            {"first": SERVED[0], "last": SERVED[1], "performance_from": BASELINE["performance_from"]},
            "performance_from: only a baseline with 'dataset' has these",
        ),
    ],
)
def test_days_that_are_none(baseline: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        models.model(baseline=baseline)
