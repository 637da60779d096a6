"""Drift of longer windows and against other baselines: from stored profiles, and never green by omission."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from captures import day_of
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.spans import ProfileDriftSettings
from daywatch.measure.drift.daily_profiles import DailyProfiles
from daywatch.measure.drift.profile_drift import ProfileDrift, profile_drifts
from daywatch.profiles.profile import Profile, profile_rows
from daywatch.results import Against
from daywatch.run import WindowRun
from daywatch.stages.export import export
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.record import record
from daywatch.stages.validate import validate
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.profiles import baseline_profile, newest_revisions, profiles_of
from daywatch.window import Window
from models import NAME, model
from places import Place, make_baseline
from rows import dump
from scipy import stats

LAST = date(2024, 3, 31)
SHOP = model(
    features=[
        {"name": "x", "type": "number"},
        {"name": "c", "type": "category"},
        {"name": "t", "type": "text"},
    ],
    drift__numeric={"method": "empirical_mmd"},
)
"""Its method needs rows: profiles fall back on Wasserstein."""


def day(number: int, shift: float = 0.0) -> dict[str, Any]:
    """Return the rows of a day; the same number gives the same rows."""
    random = np.random.default_rng(number)
    x = random.normal(shift, 1, 300)
    return {"x": x, "c": random.choice(["a", "b"], 300).tolist(), "t": [f"text {n}" for n in range(300)]}


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Profile]:
    folder = tmp_path_factory.mktemp("days")
    known: dict[tuple[int, float], Profile] = {}

    def profile(number: int, shift: float = 0.0) -> Profile:
        against = profile(0) if number else None
        if (number, shift) not in known:
            pq.write_table(pa.table(day(number, shift)), folder / "rows.parquet")
            known[number, shift] = profile_rows(folder / "rows.parquet", SHOP, against)
        return known[number, shift]

    return profile


def compared(
    profiled: Callable[..., Profile],
    over: int,
    against: Against,
    *,
    without: tuple[date, ...] = (),
    **settings: int,
) -> dict[str, ProfileDrift]:
    """Compare the last of 60 days; those of the last week are shifted by 1."""
    days = [LAST - timedelta(days=n) for n in range(60)]
    shifts = {one: float((LAST - one).days < 7) for one in days}
    past = {one: profiled(one.day, shifts[one]) for one in days[1:] if one not in without}
    daily = DailyProfiles(Window.of_day(LAST), profiled(LAST.day, 1.0), past, profiled(0))
    wanted = ProfileDriftSettings(over=(over,), against=(against,), **settings)
    return {one.column: one for one in profile_drifts(daily, SHOP, wanted)}


def rows_of(days: list[date]) -> np.ndarray:
    return np.concatenate([day(one.day, float((LAST - one).days < 7))["x"] for one in days])


@pytest.mark.parametrize(
    ("over", "against", "baseline"),
    [
        (7, Against.FROZEN, None),
        (7, Against.MOVING, [LAST - timedelta(days=n) for n in range(7, 21)]),
        (14, Against.MOVING, [LAST - timedelta(days=n) for n in range(14, 28)]),
        (1, Against.SAME_WEEKDAY, [LAST - timedelta(weeks=n) for n in (1, 2, 3)]),
    ],
)
def test_scores_are_those_of_the_rows(
    profiled: Callable[..., Profile], over: int, against: Against, baseline: list[date] | None
) -> None:
    found = compared(profiled, over, against, moving_days=14, weeks=3)["x"]

    now = rows_of([LAST - timedelta(days=n) for n in range(over)])
    before = day(0)["x"] if baseline is None else rows_of(baseline)
    expected = stats.wasserstein_distance(before, now) / before.std()
    assert found.value == found.wasserstein == pytest.approx(expected, abs=found.error)
    assert found.error is not None
    assert found.error < 0.03
    assert (found.method, found.threshold, found.alert) == ("wasserstein", 0.1, True)
    assert (found.rows, found.baseline_rows) == (len(now), len(before))
    assert (found.mean, found.baseline_mean) == pytest.approx((now.mean(), before.mean()))
    assert found.ks == pytest.approx(stats.ks_2samp(before, now, method="asymp").pvalue, abs=0.02)
    if baseline:
        assert (found.baseline_first, found.baseline_last) == (str(min(baseline)), str(max(baseline)))
    assert found.note == ""


def test_text_is_said_not_to_be_compared(profiled: Callable[..., Profile]) -> None:
    found = compared(profiled, 7, Against.FROZEN)["t"]

    assert (found.value, found.alert, found.note) == (None, None, "profiles do not show how texts differ")
    assert found.distinct is not None


def test_missing_days_leave_no_value_and_are_named(profiled: Callable[..., Profile]) -> None:
    gone = (date(2024, 3, 26), date(2024, 3, 27), date(2024, 3, 10))

    found = compared(profiled, 7, Against.MOVING, without=gone, moving_days=28)

    assert {one.note for one in found.values()} == {
        "the span: 2 of 7 days were not measured: 2024-03-26 to 2024-03-27; "
        "the days before: 1 of 28 days were not measured: 2024-03-10"
    }
    assert {one.value for one in found.values()} == {None}


def test_a_season_without_history_says_so(profiled: Callable[..., Profile]) -> None:
    found = compared(profiled, 1, Against.SAME_MONTH)["x"]

    assert found.value is None
    assert found.note == (
        "the same month last year: 31 of 31 days were not measured: 2023-03-01 to 2023-03-31"
    )


def test_a_column_that_was_of_another_type_is_not_compared(profiled: Callable[..., Profile]) -> None:
    past = {LAST - timedelta(days=1): profiled(1)}
    columns = tuple(
        one.model_copy(update={"type": ColumnType.CATEGORY}) if one.name == "x" else one
        for one in profiled(1).columns
    )
    past[LAST - timedelta(days=2)] = profiled(1).model_copy(update={"columns": columns[:-1]})
    daily = DailyProfiles(Window.of_day(LAST), profiled(2), past, profiled(0))

    found = {one.column: one.note for one in profile_drifts(daily, SHOP, ProfileDriftSettings(over=(3,)))}

    assert found["x"] == "the span: x is of the type category and number: these do not merge"
    assert found["label"] == "the span: the model had no such column on 2024-03-29"
    assert found["c"] == ""


def test_what_an_older_version_froze_is_not_compared(profiled: Callable[..., Profile]) -> None:
    old = profiled(0).model_dump()
    for column in old["columns"]:
        column["sketches"] = ()
    daily = DailyProfiles(Window.of_day(LAST), profiled(2), {}, Profile.model_validate(old))

    found = {one.column: one.note for one in profile_drifts(daily, SHOP, ProfileDriftSettings(over=(1,)))}

    assert found["x"] == "the frozen baseline: it was frozen by an older version; build it again"


def test_a_slice_without_profiles_says_so(profiled: Callable[..., Profile]) -> None:
    unknown = Profile(rows=0, days={}, columns=())
    daily = DailyProfiles(Window.of_day(LAST), profiled(2), {}, unknown, slice="region=north")

    found = {
        one.over: one
        for one in profile_drifts(daily, SHOP, ProfileDriftSettings(over=(1, 2)))
        if one.column == "x"
    }

    assert {one.slice for one in found.values()} == {"region=north"}
    assert found[1].note == (
        "the frozen baseline: it has no profile of the slice: it has too few rows there, or has to be built again"
    )
    assert found[2].note.startswith("the span: 1 of 2 days have no profile of the slice: ")


# --- The stages --------------------------------------------------------------------------------------------

MOVING = {"metric": "drift_score", "column": "amount", "over": 2, "against": "moving", "red": ">= 0.4"}
FROZEN = {"metric": "drifted_share", "over": 2, "amber": "> 50 %"}


def judged(place: Place, of_day: str) -> tuple[WindowRun, Verdict]:
    run, stage_run = export(NAME, Window.of_day(of_day), place.deployment)
    for stage in (validate, measure, judge):
        stage(run, place.deployment)
    record(run, [stage_run], place.deployment)
    return run, Verdict.model_validate_json(place.files()[run.folder.verdict])


def dear(of_day: str) -> Iterator[Any]:
    """Play a day on which everything costs more."""
    for one in day_of(of_day):
        amount, rest = one.request.split(",", 1)
        yield type(one)(one.event_id, one.at, f"{float(amount) + 30:.2f},{rest}", one.response, one.label)


@pytest.fixture
def here(place: Callable[..., Place]) -> Place:
    made = place(
        plan__rules=[MOVING, FROZEN],
        drift__numeric={"method": "wasserstein"},
        drift__profiles={"over": [2], "against": ["frozen", "moving"], "moving_days": 1},
    )
    make_baseline(made)
    return made


def test_a_longer_window_is_judged_from_the_warehouse_alone(here: Place, tmp_path: Path) -> None:
    for of_day in ("2024-03-03", "2024-03-04", "2024-03-05"):
        here.endpoint.play(day_of(of_day) if of_day != "2024-03-05" else dear(of_day))

    first = judged(here, "2024-03-03")[1]
    judged(here, "2024-03-04")
    for rows in Path(here.deployment.artifacts_uri).rglob("windows/*/*/inferences.parquet"):
        rows.unlink()
    run, third = judged(here, "2024-03-05")

    assert first.state == "GREY"
    assert first.reasons[0] == (
        "Drift score of amount over 2 days against the days before is unknown: "
        "the span: 1 of 2 days were not measured: 2024-03-02; "
        "the days before: 1 of 1 days were not measured: 2024-03-01"
    )
    assert third.state == "RED"
    assert third.rules[0].rule == "drift_score(amount) over 2 days against moving: red >= 0.4"
    words = "Drift score of amount over 2 days against the days before is "
    assert any(reason.startswith(words) for reason in third.reasons)
    stored = {
        (row["column_name"], row["against"]): row
        for row in dump(here.deployment.warehouse_url)["profile_drift"]
        if row["revision"] == run.revision
    }
    amount = stored["amount", "moving"]
    assert amount["value"] == third.rules[0].value
    assert (amount["rows"], amount["baseline_rows"], amount["status"]) == (120, 60, "alert")
    assert stored["country", "moving"]["status"] == "measured"
    assert {row["span_days"] for row in stored.values()} == {2}


def test_late_labels_of_a_day_count_for_the_spans_of_later_days(here: Place) -> None:
    for of_day in ("2024-03-03", "2024-03-04"):
        here.endpoint.play(day_of(of_day))
    judged(here, "2024-03-03")
    run, _ = judged(here, "2024-03-04")

    here.endpoint.label([one for one in day_of("2024-03-03", wrong=1) if one.at.hour < 22], name="later")
    changed, _ = judged(here, "2024-03-03")

    history = json.loads(here.files()[run.folder.history])
    assert history["profiles"]["2024-03-03"] == changed.revision
    stored = [
        row["value"]
        for row in dump(here.deployment.warehouse_url)["profile_drift"]
        if (row["revision"], row["column_name"], row["against"]) == (run.revision, "label", "frozen")
    ]
    found = json.loads(here.files()[run.folder.profile_drift])["drifts"]
    assert stored == [one["value"] for one in found if (one["column"], one["against"]) == ("label", "frozen")]


def test_a_profile_comes_back_from_the_warehouse_as_it_went_in(here: Place) -> None:
    here.endpoint.play(day_of("2024-03-03"))
    run, _ = judged(here, "2024-03-03")
    only = date(2024, 3, 3)

    with transaction(here.deployment.warehouse_url) as connection:
        revisions = newest_revisions(connection, NAME, [only, date(2024, 3, 4)])
        (stored,) = profiles_of(connection, NAME, revisions).values()
        frozen = baseline_profile(connection, NAME, run.baseline_id)

    assert revisions == {only: run.revision}
    written = Profile.model_validate_json(here.files()[run.folder.profile])
    assert {one.name: one for one in stored.columns} == {one.name: one for one in written.columns}
    kept = Profile.model_validate_json(here.files()[run.baseline.profile])
    assert {one.name: one for one in frozen.columns} == {one.name: one for one in kept.columns}
