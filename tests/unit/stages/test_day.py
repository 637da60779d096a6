"""Whole windows of the small model on a local folder, each through all stages."""

from __future__ import annotations

import html
import json
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from captures import Inference, day_of, one
from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.deployment.environment import command_line_deployment
from daywatch.errors import InfrastructureError, SetupError
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.stages.export import export
from daywatch.stages.report import report
from daywatch.stages.validate import validate
from daywatch.window import Window
from models import NAME
from places import DAY, Place, make_baseline, make_place
from rows import dump

DAYS = ("2024-03-03", "2024-03-04", "2024-03-05", "2024-03-06")
DRIFT_RULE = {"metric": "drifted_share", "red": "> 50 %"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A folder with a baseline, to copy."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(sqlite_template, folder / "warehouse.sqlite")
    make_baseline(make_place(folder))
    return folder


@pytest.fixture
def here(prepared: Path, tmp_path: Path) -> Callable[..., Place]:
    """Return a function that makes a place with a baseline; ``changes`` are of the model's YAML."""

    def make(**changes: Any) -> Place:
        shutil.copytree(prepared, tmp_path / "place")
        return make_place(tmp_path / "place", **changes)

    return make


def changed(inferences: list[Inference], column: int, value: Callable[[int], str]) -> list[Inference]:
    """Return inferences with one value of each request replaced."""
    found = []
    for number, inference in enumerate(inferences):
        values = inference.request.split(",")
        values[column] = value(number)
        found.append(replace(inference, request=",".join(values)))
    return found


def artifact(place: Place, run: WindowRun, name: str) -> Any:
    return json.loads(place.files()[run.folder.key(name)])


def elements(page: bytes) -> list[tuple[str, dict[str, str | None]]]:
    """Return tag and attributes of a page's elements."""
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))  # type: ignore[method-assign]
    parser.feed(page.decode())
    return found


def test_a_week_in_all_colours(here: Callable[..., Place]) -> None:
    """GREEN, AMBER, RED and a day without captures, as the warehouse and the reports show them."""
    place = here(rollout={"champion": 1, "candidate": 2, "metric": "roc_auc", "margin": 0.05})
    for day, wrong in zip(DAYS, (0.05, 0.24, 0.5), strict=False):
        place.endpoint.play(day_of(day, rows=200, wrong=wrong))

    announced: list[str] = []
    found = []
    for day in DAYS:
        run, verdict = run_window(NAME, Window.of_day(day), place.deployment, announced.append)
        found.append((run, verdict))

    assert [verdict.state for _, verdict in found] == [State.GREEN, State.AMBER, State.RED, State.GREY]
    assert found[1][1].short.endswith("(green only >= 0.8)")
    assert found[2][1].short == "labels say nothing about the predictions"
    assert found[2][1].reasons[1].endswith("red <= 0.7")
    assert found[3][1].reasons == (f"no captures under {place.deployment.data_uri}/shop-endpoint/AllTraffic",)
    day = ["export", "validate, measure", "judge", "record", "decide_retraining", "report"]
    assert announced == day * len(DAYS)

    rows = dump(place.deployment.warehouse_url)
    assert [row["state"] for row in sorted(rows["current_verdict"], key=lambda row: row["window_start"])] == [
        "GREEN",
        "AMBER",
        "RED",
        "GREY",
    ]
    pair = artifact(place, found[2][0], "rollout.json")
    assert (pair["state"], pair["first"], pair["last"]) == ("not enough evidence yet", DAYS[0], DAYS[2])
    assert pair["reason"].endswith(
        "1 has 0 labelled rows and 2 has 0 labelled rows, and 200 are needed (rollout.minimum_rows)."
    )
    mail = place.files()[found[2][0].folder.report_text].decode()
    assert "ROLLOUT OF VERSION 2\nVersion 2: not enough evidence yet." in mail
    decisions = {row["window_start"][:10]: row for row in rows["retraining"]}
    assert [decisions[day]["decision"] for day in DAYS] == ["no"] * 4
    refused = "The labels are at fault, and a model trained on them would learn the fault: "
    assert decisions[DAYS[2]]["reason"] == f"{refused}labels say nothing about the predictions."
    assert rows["notification"] == []

    report = artifact(place, found[2][0], "report.json")
    assert (report["previous_state"], report["since"], report["windows_in_state"]) == ("AMBER", DAYS[2], 1)
    assert [(point["window"], point["state"]) for point in report["history"]] == [
        (DAYS[0], "GREEN"),
        (DAYS[1], "AMBER"),
        (DAYS[2], "RED"),
    ]
    assert report["action"]["who"] == "the team"
    assert report["retraining"] == f"No. {refused}labels say nothing about the predictions."
    empty = artifact(place, found[3][0], "report.json")
    assert empty["missing"] == [{"what": "capture records", "where": verdict.reasons[0].split("under ")[1]}]


def test_the_numbers_are_the_same_everywhere(here: Callable[..., Place]) -> None:
    """Measured by scikit-learn here; then warehouse, verdict, report and Evidently's page show that number."""
    from sklearn.metrics import roc_auc_score

    place = here()
    inferences = day_of(DAY, rows=100)
    place.endpoint.play(inferences)
    run, verdict = place.run()

    expected = roc_auc_score(
        [int(i.label or 0) for i in inferences], [float(i.response.split(",")[1]) for i in inferences]
    )
    rows = dump(place.deployment.warehouse_url)
    (stored,) = [row for row in rows["metric_value"] if row["metric"] == "roc_auc"]
    assert stored["value"] == pytest.approx(expected, rel=1e-12)
    assert verdict.rules[0].value == stored["value"]
    expected = stored["value"]
    assert [row["value"] for row in rows["rule_outcome"] if row["metric"] == "roc_auc"] == [expected]
    report = artifact(place, run, "report.json")
    assert [one["value"] for one in report["metrics"] if one["name"] == "roc_auc"] == [expected]
    assert f"{expected:.3f}" in place.files()[run.folder.report_html].decode()
    (counts,) = rows["window_run"]
    assert (counts["records"], counts["exported"], counts["rows"]) == (100, 100, 100)


def test_the_same_window_twice_changes_no_byte_and_no_row(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.play(day_of(DAY))
    place.endpoint.raw(b"junk\n" + one("hostile", request='1,2,true,"<b>,\x07"').line())
    first = place.run()
    files, rows = place.files(), dump(place.deployment.warehouse_url)

    assert {row["stage"] for row in rows["stage_run"]} == {"export", "validate", "measure", "judge"}

    assert place.run() == first

    assert place.files() == files
    assert dump(place.deployment.warehouse_url) == rows


def test_a_day_is_the_same_without_the_patches_of_libraries(
    here: Callable[..., Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidently.legacy.calculations import data_drift

    calls: list[str] = []
    original = data_drift.get_one_column_drift

    def counted(**arguments: Any) -> Any:
        calls.append(arguments["column_name"])
        return original(**arguments)

    monkeypatch.setattr(data_drift, "get_one_column_drift", counted)
    found, amounts = [], []
    for setting in ("on", "off"):
        place = here()
        monkeypatch.setenv("DAYWATCH_LIBRARY_PATCHES", setting)
        deployment = command_line_deployment(os.environ, tmp_path / "none")
        deployment = replace(place.deployment, library_patches=deployment.library_patches)
        place.endpoint.play(day_of(DAY, rows=200, wrong=0.5))
        run, verdict = replace(place, deployment=deployment).run()
        files = place.files()
        assert verdict.state is State.RED
        found.append({key: files[key] for key in files if key.startswith(run.folder.key(""))})
        amounts.append(calls.count("amount"))
        calls.clear()
        shutil.rmtree(tmp_path / "place")
    names = {key.rpartition("/")[2] for key in found[0]}
    assert {"measurement.json", "verdict.json", "mail.json", "evidently.html"} <= names
    assert found[0] == found[1]
    assert amounts[0] == 1 < amounts[1]


def test_a_run_that_was_killed_is_completed_by_the_next(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.play(day_of(DAY))
    run, _ = export(NAME, Window.of_day(DAY), place.deployment)
    validate(run, place.deployment)

    again, verdict = place.run()

    assert again == run
    assert verdict.state is State.GREEN
    assert len(dump(place.deployment.warehouse_url)["current_verdict"]) == 1


def test_late_labels_are_a_new_revision_and_the_old_one_stays(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.capture(day_of(DAY))
    early, unknown = place.run()
    old = {key: content for key, content in place.files().items() if early.revision in key}
    place.endpoint.label(day_of(DAY))
    late, known = place.run()

    assert (unknown.state, unknown.short) == (State.GREY, "no labels")
    assert known.state is State.GREEN
    assert late.revision != early.revision
    assert old.items() <= place.files().items()
    rows = dump(place.deployment.warehouse_url)
    assert [row["revision"] for row in rows["current_verdict"]] == [late.revision]
    assert {row["revision"] for row in rows["verdict"]} == {early.revision, late.revision}
    assert artifact(place, early, "report.json")["missing"][0]["what"] == "labels"


def test_no_labels_leave_drift_judged(here: Callable[..., Place]) -> None:
    place = here(plan__rules=[{"metric": "roc_auc", "red": "<= 0.7"}, DRIFT_RULE])
    shifted = changed(day_of(DAY), 0, lambda n: str(1000 + n))
    shifted = changed(changed(shifted, 1, lambda n: str(90 + n)), 3, lambda n: "XX")
    shifted = changed(shifted, 2, lambda n: "true")
    place.endpoint.capture([replace(i, response=f"1,0.{900 + n}") for n, i in enumerate(shifted)])

    _, verdict = place.run()

    assert verdict.state is State.RED
    assert [rule.state for rule in verdict.rules] == [State.GREY, State.RED]


ODD: dict[str, tuple[Callable[[], list[Inference]], str, str, State]] = {
    "one row": (lambda: day_of(DAY, rows=1), "", "", State.GREY),
    "19 rows": (lambda: day_of(DAY, rows=19), "", "", State.GREY),
    "one class": (lambda: [replace(i, label="1") for i in day_of(DAY)], "one_class", "label", State.GREY),
    "all null": (lambda: changed(day_of(DAY), 0, lambda n: ""), "feature_missing", "amount", State.RED),
    "null category": (
        lambda: changed(day_of(DAY), 3, lambda n: ""),
        "feature_missing",
        "country",
        State.RED,
    ),
    "constant": (lambda: changed(day_of(DAY), 0, lambda n: "7.5"), "column_constant", "amount", State.GREEN),
    "new category": (
        lambda: changed(day_of(DAY), 3, lambda n: "<script>" if n % 2 else "DE"),
        "new_category",
        "country",
        State.GREEN,
    ),
    "infinities": (
        lambda: changed(day_of(DAY), 0, lambda n: ("inf", "-inf", "NaN", "1.5")[n % 4]),
        "non_finite",
        "amount",
        State.GREEN,
    ),
    "only infinities": (
        lambda: changed(day_of(DAY), 0, lambda n: "inf"),
        "non_finite",
        "amount",
        State.GREEN,
    ),
    "huge numbers": (
        lambda: changed(day_of(DAY), 0, lambda n: "1.7e308" if n % 2 else "-1.7e308"),
        "",
        "",
        State.GREEN,
    ),
}


@pytest.mark.parametrize(("play", "code", "column", "state"), ODD.values(), ids=ODD)
def test_odd_days_are_findings_and_never_a_crash(
    here: Callable[..., Place], play: Callable[[], list[Inference]], code: str, column: str, state: State
) -> None:
    place = here()
    place.endpoint.play(play())

    run, verdict = place.run()

    assert verdict.state is state
    rows = dump(place.deployment.warehouse_url)
    if code:
        assert (code, column) in {(row["code"], row["column_name"]) for row in rows["finding"]}
    json.dumps(rows, allow_nan=False)
    assert "script" not in {tag for tag, _ in elements(place.files()[run.folder.report_html])}
    for key, content in place.files().items():
        if run.revision in key and key.endswith(".json"):
            json.loads(content, parse_constant=lambda word, key=key: pytest.fail(f"{word} in {key}"))


def test_a_day_of_nothing_but_junk_is_red(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.raw(b"junk\n" * 50)

    run, verdict = place.run()

    assert verdict.state is State.RED
    assert verdict.reasons[0] == (
        "Share of records or rows quarantined is 100 %: red > 20 %; 50 of 50 records quarantined, most often "
        "not_json (50 records), such as raw.jsonl, record 1: the line is not whole JSON"
    )
    assert artifact(place, run, "export.json")["reasons"] == {"not_json": 50}


def test_evidentlys_page_has_the_verdict_above_it(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.play(day_of(DAY, wrong=0.5))

    run, verdict = place.run()
    report(run, place.deployment)  # again: one verdict, not two

    page = place.files()[run.folder.evidently_html].decode()
    above = page[: page.index('id="root_')]
    assert above.count(f'">RED</strong> shop {DAY}') == 1
    assert html.escape(verdict.reasons[0]) in above
    assert '<a href="report.html"' in above


def test_hostile_text_is_escaped_wherever_it_is_shown(here: Callable[..., Place]) -> None:
    place = here()
    hostile = "<img src=x onerror=alert(1)>\u202e\x1b[31m'--"
    breaking_out = '"""></script><img src=x onerror=alert(1)>"'  # quoted CSV of "></script><img ...
    place.endpoint.play(changed(day_of(DAY), 3, lambda n: breaking_out if n % 2 else hostile))

    run, _ = place.run()

    files = place.files()
    for name in ("report.html", "evidently.html"):
        attributes = [found for _, found in elements(files[run.folder.key(name)])]
        assert attributes
        assert not [found for found in attributes if "onerror" in found or found.get("src") == "x"], name
    text = files[run.folder.report_text].decode()
    assert "\x1b" not in text
    assert "\u202e" not in text
    findings = dump(place.deployment.warehouse_url)["finding"]
    assert any(row["code"] == "new_category" and "onerror" in row["detail"] for row in findings)


def test_no_baseline_is_a_sentence(prepared: Path, place: Callable[..., Place]) -> None:
    with pytest.raises(SetupError, match="'shop' has no baseline to compare with"):
        place().run()


def test_a_baseline_whose_files_are_gone_is_a_sentence_and_can_be_built_again(
    here: Callable[..., Place],
) -> None:
    place = here()
    place.endpoint.play(day_of(DAY))
    shutil.rmtree(place.deployment.artifacts_uri)

    with pytest.raises(
        SetupError, match="of 'shop' is not whole in .*: run the DAG baseline__shop or `daywatch baseline"
    ):
        place.run()

    build_baseline(NAME, place.deployment)
    assert place.run()[1].state is State.GREEN


def test_edited_expectations_count(here: Callable[..., Place]) -> None:
    place = here()
    place.endpoint.play(day_of(DAY))
    before, _ = place.run()
    place.deployment.suites.mkdir()
    edited = {"type": "expect_column_max_to_be_between", "kwargs": {"column": "amount", "max_value": 1}}
    (place.deployment.suites / "shop.json").write_text(json.dumps({"name": "shop", "expectations": [edited]}))

    after, _ = place.run()

    assert after.revision != before.revision
    results = artifact(place, after, "validation.json")["results"]
    failed = {(one["expectation"], one["column"]) for one in results if one["success"] is False}
    assert ("expect_column_max_to_be_between", "amount") in failed


PLANTED = "planted-secret-7f3a"


@pytest.fixture
def secretive(here: Callable[..., Place], unused_port: int) -> Deployment:
    """A deployment with planted passwords."""
    place = here()
    place.endpoint.play(day_of(DAY, wrong=0.5))
    key = {"login": "me", "password": PLANTED}
    return replace(
        place.deployment,
        s3=Connection(conn_type="aws", **key, extra={"aws_session_token": PLANTED}),  # type: ignore[arg-type]
        smtp=Connection(
            conn_type="smtp",
            host="127.0.0.1",
            port=unused_port,
            **key,  # type: ignore[arg-type]
            extra={"from_email": "a@b.c", "disable_ssl": True, "disable_tls": True, "timeout": 2},
        ),
    )


def test_passwords_are_nowhere(
    secretive: Deployment, caplog: pytest.LogCaptureFixture, unused_port: int
) -> None:
    from datetime import UTC, datetime

    window = Window.of_day(DAY)
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(InfrastructureError, match="The mail server 127.0.0.1") as mail:
            run_window(NAME, window, secretive, lambda _: None, datetime(2024, 3, 4, 6, tzinfo=UTC))
        away = replace(
            secretive, warehouse_url=f"postgresql+psycopg://me:{PLANTED}@127.0.0.1:{unused_port}/w"
        )
        with pytest.raises(InfrastructureError, match="did not answer") as database:
            run_window(NAME, window, away, lambda _: None)
        with pytest.raises(SetupError) as setup:
            run_window(NAME, window, replace(secretive, data_uri="gs://x"), lambda _: None)

    texts = "".join([caplog.text, repr(secretive), *(str(one.value) for one in (mail, database, setup))])
    assert PLANTED not in texts
    written = [path for path in Path(secretive.artifacts_uri).parent.rglob("*") if path.is_file()]
    assert len(written) > 20
    assert [path for path in written if PLANTED.encode() in path.read_bytes()] == []


def test_a_day_that_is_not_over_is_refused_and_leaves_nothing(here: Callable[..., Place]) -> None:
    place = here()
    today = Window.of_day(datetime.now(UTC).date())
    before = dump(place.deployment.warehouse_url)
    for window in (today, Window.of_day((today.end + timedelta(days=400)).date())):
        for judged in (
            lambda w: run_window(NAME, w, place.deployment, print),
            lambda w: export(NAME, w, place.deployment),
        ):
            with pytest.raises(
                SetupError, match=f"The day {window} is not over, it ends at .* UTC: choose days up to"
            ):
                judged(window)
    assert dump(place.deployment.warehouse_url) == before
