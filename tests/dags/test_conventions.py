"""What every DAG has: documentation, owner, tags, retries, mails when the code fails."""

from itertools import pairwise
from typing import Any

import pytest

MODEL_DAGS = ("monitor__flights", "baseline__flights", "reevaluate__flights", "retrain__flights")


@pytest.mark.parametrize(
    "dag_id", [*MODEL_DAGS, "digest", "fire_drill", "publish_flights", "warehouse_upkeep"]
)
def test_a_dag_says_its_purpose_its_owner_and_what_to_do_when_it_is_red(
    parsed: dict[str, Any], dag_id: str
) -> None:
    doc = parsed["dags"][dag_id]["doc"]
    assert doc.strip().startswith("###")
    assert "**Owner**" in doc
    assert "red" in doc.lower()
    assert "{" not in doc


@pytest.mark.parametrize("dag_id", MODEL_DAGS)
def test_a_models_dag_is_tagged_with_kind_model_owner_and_tier(parsed: dict[str, Any], dag_id: str) -> None:
    kind = dag_id.partition("__")[0]
    assert {kind, "model:flights", "owner:flight-operations", "tier:1"} <= set(parsed["dags"][dag_id]["tags"])


@pytest.mark.parametrize("dag_id", MODEL_DAGS)
def test_a_failed_task_mails_the_models_contacts(parsed: dict[str, Any], dag_id: str) -> None:
    for task in parsed["dags"][dag_id]["tasks"].values():
        assert task["failure_mail"] == [["flight-operations@example.com", "ml-on-call@example.com"]]


@pytest.mark.parametrize(
    "dag_id", [*MODEL_DAGS, "digest", "fire_drill", "publish_flights", "warehouse_upkeep"]
)
def test_tasks_have_an_owner_and_back_off_between_retries(parsed: dict[str, Any], dag_id: str) -> None:
    for task in parsed["dags"][dag_id]["tasks"].values():
        assert task["owner"] not in ("", "airflow")
        assert task["retries"] >= 3
        assert task["backoff"]


def test_the_monitor_runs_the_day_in_order(parsed: dict[str, Any]) -> None:
    monitor = parsed["dags"]["monitor__flights"]
    tasks = monitor["tasks"]
    assert {"validate", "measure"} <= {*tasks["export"]["downstream"]}
    assert "measure" not in tasks["validate"]["downstream"], "both need the export alone and run at once"
    for before, after in (
        ("validate", "judge"),
        *pairwise(["measure", "judge", "record", "report", "notify"]),
    ):
        assert after in tasks[before]["downstream"]
    assert "decide_retraining" in tasks["record"]["downstream"]
    assert sorted(tasks["decide_retraining"]["downstream"]) == ["report", "retrain"]
    assert monitor["timetable"] == "CronPartitionTimetable"
    assert monitor["max_active_runs"] == 2
    assert monitor["deadline"]


def test_a_day_of_one_task_is_the_whole_day(parsed: dict[str, Any]) -> None:
    assert list(parsed["dags"]["monitor__flights_service"]["tasks"]) == ["day"]


def test_all_tasks_of_a_model_weigh_by_its_tier_and_by_what_is_before_them(parsed: dict[str, Any]) -> None:
    for dag_id in MODEL_DAGS:
        for task in parsed["dags"][dag_id]["tasks"].values():
            assert (task["priority"], task["weight_rule"]) == (1000, "upstream")


def test_late_evidence_is_judged_by_the_monitor(parsed: dict[str, Any]) -> None:
    dag = parsed["dags"]["reevaluate__flights"]
    assert dag["tasks"]["find_late_windows"]["downstream"] == ["judge_again"]
    assert dag["timetable"] == "CronPartitionTimetable"
    assert dag["max_active_runs"] == 1


def test_no_leaf_turns_a_failed_run_green(parsed: dict[str, Any]) -> None:
    for dag in parsed["dags"].values():
        for task in dag["tasks"].values():
            # Each of them fails, or is skipped, after a task that has failed.
            assert task["trigger_rule"].lower().rpartition(".")[2] in (
                "all_success",
                "none_failed",
                "none_failed_min_one_success",
                "all_skipped",
            )
