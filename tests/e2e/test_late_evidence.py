"""Labels that come late, through Airflow's own scheduler: judged again once, and told where it became worse."""

from __future__ import annotations

from typing import Any

from daywatch_demo.stack.airflow_api import AirflowApi

from .conftest import BLIZZARD, Shown, of

MODEL = "flights_service"
REEVALUATE, MONITOR = f"reevaluate__{MODEL}", f"monitor__{MODEL}"


def look(api: AirflowApi) -> list[dict[str, Any]]:
    """Look for late evidence as every day; return the monitor's runs once all have ended."""
    api.trigger(REEVALUATE, partition_key="2013-02-11")
    looked = list(api.watch_runs(REEVALUATE, len(api.runs(REEVALUATE)), 120))
    runs = list(api.watch_runs(MONITOR, len(api.runs(MONITOR)), 180))
    assert {run["state"] for run in (*looked, *runs)} == {"success"}
    return runs


def test_labels_that_come_late_are_judged_once_and_told(shown: Shown) -> None:
    before, mails = shown.warehouse(MODEL), shown.mails(MODEL)
    (verdict,) = of(before, "verdict", BLIZZARD)
    assert (verdict["state"], verdict["short"]) == ("GREY", "no labels")
    with shown.stack.api() as api:
        (first,) = look(api)
        assert shown.warehouse(MODEL) == before

        for key, content in shown.late.items():
            shown.storage.write(key, content)
        again = [run for run in look(api) if run["dag_run_id"] != first["dag_run_id"]]
        after = shown.warehouse(MODEL)
        assert [run["conf"]["window"] for run in again] == [BLIZZARD.isoformat()]
        assert again[0]["dag_run_id"].startswith(f"reevaluate__{BLIZZARD}__")

        # The old revision stays as it was, beside the new one that counts.
        assert [one for table in before for one in before[table] if one not in after[table]] == []
        runs = {run["revision"]: run["sequence"] for run in of(after, "window_run", BLIZZARD)}
        states = {runs[one["revision"]]: one for one in of(after, "verdict", BLIZZARD)}
        assert {sequence: one["state"] for sequence, one in states.items()} == {1: "GREY", 2: "AMBER"}
        assert states[2]["short"] == "ROC AUC 0.636 (green only >= 0.8)"
        (told,) = shown.mails(MODEL)[len(mails) :]
        assert told["Subject"] == f"[AMBER] {MODEL} {BLIZZARD}: ROC AUC 0.636 (green only >= 0.8)"
        text = told.get_body(("plain",))
        assert text is not None
        assert "Judged again: the verdict on this window was GREY." in text.get_content()

        assert len(look(api)) == 2
    # The day of this model is one task, and still accounts for each stage.
    stages = {row["stage"] for row in of(after, "stage_run", BLIZZARD)}
    assert stages == {"export", "validate", "measure", "judge", "record", "report", "notify"}
    assert shown.warehouse(MODEL) == after
    assert len(shown.mails(MODEL)) == len(mails) + 1
