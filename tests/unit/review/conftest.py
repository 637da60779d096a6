"""History to review: a model with rules of its own, and one with the standard rules. Their captures are gone."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from captures import Inference, day_of
from daywatch.stages.build_baseline import build_baseline
from daywatch.warehouse.migrate import upgrade
from models import NAME
from places import Place, make_baseline, make_place

DAYS = ("2024-03-03", "2024-03-04")
BASELINE = ("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02")
STANDARD = {
    "plan": {"preset": "standard"},
    "drift": {"drawing_rows": 100},
    "baseline": {"first": BASELINE[0], "last": BASELINE[-1]},
    "retraining": None,
}


@pytest.fixture(scope="package")
def history(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two judged days, whose captures are gone; the second has no labels."""
    place = make_place(tmp_path_factory.mktemp("history"))
    upgrade(place.deployment.warehouse_url)
    make_baseline(place)
    place.endpoint.play(day_of(DAYS[0]))
    place.endpoint.capture(day_of(DAYS[1]))
    for day in DAYS:
        place.run(day)
    shutil.rmtree(place.deployment.data_uri)
    return place


@pytest.fixture(scope="package")
def standard_day(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A day whose amounts are in another unit, judged by the standard rules; it has no labels."""
    place = make_place(tmp_path_factory.mktemp("standard"), **STANDARD)
    upgrade(place.deployment.warehouse_url)
    for day in BASELINE:
        place.endpoint.play(day_of(day))
    build_baseline(NAME, place.deployment)
    place.endpoint.capture(map(_in_cents, day_of(DAYS[0])))
    place.run(DAYS[0])
    shutil.rmtree(place.deployment.data_uri)
    return place


def _in_cents(one: Inference) -> Inference:
    amount, _, others = one.request.partition(",")
    return replace(one, request=f"{float(amount) * 100:.0f},{others}")
