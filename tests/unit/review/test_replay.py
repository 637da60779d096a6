"""Stored windows judged again by another plan: as the plan itself would have judged them, and nothing is written."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from captures import day_of
from command import run_command
from counts import export_counts
from daywatch.config.loading.load import model_with_plan
from daywatch.config.model.rule import Rule
from daywatch.errors import ConfigurationError, SetupError
from daywatch.judge.evidence import Evidence
from daywatch.measure.window import Measurement
from daywatch.profiles.profile import Profile
from daywatch.results import Metric, State
from daywatch.review.changes import Replay, ReplayedWindow
from daywatch.review.held import for_plan, is_held
from daywatch.review.replay import replay
from daywatch.review.words import replay_markdown
from daywatch.validation.outcome import Validation
from daywatch.warehouse.migrate import upgrade
from models import NAME, content, local_deployment, model, write_model
from places import Place, make_baseline, make_place

DAYS = ("2024-03-03", "2024-03-04")
STRICT = [{"metric": "roc_auc", "red": "< 1.01"}, {"metric": "quarantined_share", "amber": "> 1 %"}]


def _plan(folder: Path, **plan: Any) -> Path:
    path = folder / "new.yaml"
    path.write_text(yaml.safe_dump({"plan": {**content()["plan"], **plan}}), encoding="utf-8")
    return path


def _replay(place: Place, path: Path, last: int = 90) -> Replay:
    return replay(model_with_plan(NAME, place.deployment.models, path), last, place.deployment)


def test_the_same_plan_changes_nothing_and_writes_nothing(history: Place, tmp_path: Path) -> None:
    before = history.files(), Path(history.deployment.warehouse_url.removeprefix("sqlite:///")).read_bytes()

    found = _replay(history, history.deployment.models / f"{NAME}.yaml")

    assert [(one.window, one.was, one.becomes) for one in found.windows] == [
        (DAYS[0], State.GREEN, State.GREEN),
        (DAYS[1], State.GREY, State.GREY),
    ]
    assert (found.changed, found.moves, found.lacking) == ((), {}, {})
    after = history.files(), Path(history.deployment.warehouse_url.removeprefix("sqlite:///")).read_bytes()
    assert before == after
    assert [one.window for one in _replay(history, _plan(tmp_path), last=1).windows] == [DAYS[1]]


def test_another_plan_gives_the_verdict_that_it_gives_on_the_day(history: Place, tmp_path: Path) -> None:
    found = _replay(history, _plan(tmp_path, rules=STRICT))
    assert (found.moves, found.mails) == ({(State.GREEN, State.RED): 1}, (1, 1))
    rule = {"metric": "mean", "column": "amount", "against": "previous", "amber": "changes by 0.001 %"}
    first, second = _replay(history, _plan(tmp_path, rules=[*STRICT, rule])).windows

    other = make_place(tmp_path / "judged", plan__rules=[*STRICT, rule])
    upgrade(other.deployment.warehouse_url)
    make_baseline(other)
    other.endpoint.play(day_of(DAYS[0]))
    other.endpoint.capture(day_of(DAYS[1]))
    (_, verdict), (_, next_day) = (other.run(day) for day in DAYS)
    assert (first.becomes, first.reasons, first.short) == (verdict.state, verdict.reasons, verdict.short)
    assert (first.becomes, first.added, first.removed) == (State.RED, ("roc_auc",), ())
    assert verdict.reasons[-1].endswith("there are enough from 2024-03-04 on")
    assert (second.becomes, second.reasons[0]) == (next_day.state, next_day.reasons[0])
    assert (second.becomes, second.added) == (State.AMBER, ("mean(amount) against previous",))
    assert "2024-03-03 " in second.reasons[0]


def test_the_runbook_shows_the_output(history: Place, tmp_path: Path) -> None:
    found = _replay(history, _plan(tmp_path, rules=STRICT))

    runbook = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert f"```markdown\n{replay_markdown(found)}```" in runbook


def test_what_was_not_measured_is_grey_and_counted(history: Place, tmp_path: Path) -> None:
    rules = [
        {"metric": "evidently_drift_score", "column": "amount", "red": "> 1"},
        {"metric": "drift_score", "column": "amount", "red": "> 0.9"},
        {"metric": "null_share", "column": "items", "red": "> 50 %"},
    ]

    found = _replay(history, _plan(tmp_path, rules=rules))

    assert found.lacking == {"evidently_drift_score(amount)": 2}
    assert found.windows[0].becomes is State.GREY
    assert found.windows[0].reasons[0].endswith("is unknown: it was not measured")


def test_history_without_the_standard_rules_says_nothing_of_them(history: Place, tmp_path: Path) -> None:
    found = _replay(history, _plan(tmp_path, preset="standard", rules=[]))
    red = _replay(history, _plan(tmp_path, preset="standard", rules=STRICT))

    assert [one.becomes for one in found.windows] == [State.GREY] * 2
    assert found.lacking == {"the standard rules": 2}
    assert found.windows[0].short == "measured without the standard rules"
    assert red.windows[0].becomes is State.RED


def test_the_standard_rules_again_and_one_of_them_replaced(standard_day: Place, tmp_path: Path) -> None:
    def tried(plan: dict[str, Any]) -> Replay:
        path = tmp_path / "new.yaml"
        path.write_text(yaml.safe_dump({"plan": plan}), encoding="utf-8")
        return _replay(standard_day, path)

    same = tried({"preset": "standard"})
    rules = [{"metric": "out_of_range_share", "column": "amount", "amber": "> 90 %"}]
    replaced = tried({"preset": "standard", "rules": rules})

    assert (same.changed, same.lacking) == ((), {})
    (window,) = replaced.windows
    assert (window.was, window.becomes, window.added, window.removed) == (State.RED, State.AMBER, (), ())


def test_history_of_the_standard_rules_does_not_hold_other_distances() -> None:
    def drift(method: str) -> Metric:
        return Metric(name="drift_score", column="amount", value=0.5, method=method)

    found = tuple(map(drift, ("robust_wasserstein", "ks")))
    measurement = Measurement(metrics=(*found, Metric(name="drifted_share", value=0.5)), findings=())
    stored = Evidence(
        export_counts(), Validation(results=()), measurement, *[Profile(rows=1, days={}, columns=())] * 2
    )
    rules = [{"metric": "drifted_share", "red": "> 60 %"}]

    evidence = for_plan(stored, model(plan__rules=rules).plan, was_standard=True)

    assert [one.value for one in evidence.measurement.metrics] == [None, 0.5, None]
    assert not is_held(Rule.model_validate(rules[0]), evidence)
    assert for_plan(stored, model(plan={"preset": "standard"}).plan, was_standard=True) == stored


def test_results_that_are_gone_are_grey(history: Place, tmp_path: Path) -> None:
    folder = tmp_path / "artifacts"
    shutil.copytree(history.deployment.artifacts_uri, folder)
    for name in ("measurement.json", "verdict.json"):
        (gone,) = folder.glob(f"{NAME}/windows/{DAYS[0]}/*/{name}")
        gone.unlink()
        deployment = local_deployment(
            tmp_path, artifacts_uri=str(folder), warehouse_url=history.deployment.warehouse_url
        )
        tried = model_with_plan(NAME, history.deployment.models, _plan(tmp_path))

        first, second = replay(tried, 90, deployment).windows

        assert (first.was, first.becomes, first.lacking) == (
            State.GREEN,
            State.GREY,
            ("the window's results",),
        )
        assert first.short == "The window's results are no longer stored"
        assert second.becomes is second.was


def test_the_baselines_values_of_the_plan_count(history: Place, tmp_path: Path) -> None:
    rules = [{"metric": "roc_auc", "amber": "falls by 0.2"}]

    without = _replay(history, _plan(tmp_path, rules=rules))
    named = _replay(history, _plan(tmp_path, rules=rules, baseline_values={"roc_auc": 2.0}))

    assert [one.windows[0].becomes for one in (without, named)] == [State.GREEN, State.AMBER]


def test_a_baseline_that_only_the_old_plan_named_is_no_longer_known(tmp_path: Path) -> None:
    place = make_place(tmp_path, plan__baseline_values={"roc_auc": 0.9})
    upgrade(place.deployment.warehouse_url)
    make_baseline(place)
    place.endpoint.play(day_of(DAYS[0]))
    place.run(DAYS[0])
    rules = [{"metric": "roc_auc", "amber": "falls by 0.5"}]

    kept = _replay(place, _plan(tmp_path, rules=rules, baseline_values={"roc_auc": 0.9}))
    gone = _replay(place, _plan(tmp_path, rules=rules))

    assert (kept.windows[0].becomes, kept.lacking) == (State.GREEN, {})
    assert (gone.windows[0].becomes, gone.lacking) == (State.GREY, {"the baseline's own roc_auc": 1})


def test_a_wrong_plan_is_refused_with_file_and_line(history: Place, tmp_path: Path) -> None:
    wrong = tmp_path / "new.yaml"
    wrong.write_text("plan:\n  rules:\n    - {metric: roc_auk, red: '< 0.5'}\n", encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text("rules: []\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"new\.yaml:3: plan\.rules\[0\]\.metric: .*'roc_auc'"):
        _replay(history, wrong)
    with pytest.raises(ConfigurationError, match="expected a YAML file with the section 'plan'"):
        _replay(history, other)


def test_a_model_without_history_is_said(tmp_path: Path) -> None:
    deployment = local_deployment(tmp_path)
    write_model(deployment.models)
    upgrade(deployment.warehouse_url)

    with pytest.raises(SetupError, match="No window of 'shop' was judged"):
        replay(model_with_plan(NAME, deployment.models, _plan(tmp_path)), 90, deployment)


def test_markdown_of_captured_names_is_text() -> None:
    hostile = "drift_score(`a|b` <img src=x> @team\n# x)"
    window = ReplayedWindow(
        window="2024-03-03",
        was=State.GREEN,
        was_short="",
        becomes=State.RED,
        short="x",
        reasons=("x",),
        added=(hostile,),
        lacking=(hostile,),
    )

    lines = replay_markdown(Replay(model=NAME, windows=(window,))).splitlines()

    harmless = "`drift_score('a\\|b' <img src=x> @team\N{REPLACEMENT CHARACTER}# x)`"
    assert lines[-1] == f"| `2024-03-03` | `GREEN` | `RED` | {harmless} |  | `x` |"
    assert lines[-5] == f"- GREY in 1 window, because history does not hold it: {harmless}"


def test_the_commands_print_table_markdown_and_json(history: Place, tmp_path: Path) -> None:
    deployment = history.deployment
    environment = {
        **os.environ,
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
    }
    asked = ("plan", "replay", "--model", NAME, "--plan", str(_plan(tmp_path, rules=STRICT)))

    table, markdown, as_json = (
        run_command(*asked, "--format", form, environment=environment)
        for form in ("table", "markdown", "json")
    )
    calibrated = run_command("calibrate", "--model", NAME, environment=environment)
    assert "2 of 2 windows are quiet" in calibrated.stdout
    assert "roc_auc" in calibrated.stdout
    shown = run_command("plan", "show", "--model", NAME, "--format", "markdown", environment=environment)

    assert "1 window changes state: 1 GREEN to RED\n1 alert added, 0 removed\n" in table.stdout, table.stderr
    assert "| `2024-03-03` | `GREEN` | `RED` | `roc_auc` |  | `ROC AUC " in markdown.stdout
    assert json.loads(as_json.stdout)["mails"] == {"was": 1, "becomes": 1}
    assert "| `ROC AUC` | `>= 0.8` | `otherwise` | `<= 0.7` |" in shown.stdout
    assert "| `RED` | `Look at it. The model is trained again.` | `the team` | `24 hours` |" in shown.stdout
