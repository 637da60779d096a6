"""Two real days through Airflow's own scheduler and LocalExecutor: the blizzard turns the model RED."""

from .conftest import BLIZZARD, FIRST, Shown, of

MODEL = "flights"
CONTACTS = {"flight-operations@example.com", "ml-on-call@example.com"}


def test_the_table_shows_the_blizzard_red(shown: Shown) -> None:
    lines = {
        line.split()[0]: line.split()
        for line in shown.printed.partition("flights_service,")[0].splitlines()
        if line.strip().startswith("2013")
    }
    assert lines["2013-02-08"][:3] == ["2013-02-08", "939", "939"]
    assert "AMBER" in lines["2013-02-08"]  # the storm begins in its evening
    assert lines["2013-02-09"][:3] == ["2013-02-09", "742", "742"]
    assert "RED" in lines["2013-02-09"]
    assert "0.635" in lines["2013-02-09"]


REFUSED = (
    "The data is at fault, and a model trained on it would learn the fault: dep_delay missing in 70.1 %."
)


def test_retraining_is_refused_because_the_data_is_at_fault(shown: Shown) -> None:
    assert f"Retraining  flights 2013-02-09: no. {REFUSED}" in " ".join(shown.printed.split("\n"))
    with shown.stack.api() as api:
        assert api.runs(f"retrain__{MODEL}") == []
    rows = shown.warehouse(MODEL)
    assert rows["model_version"] == []
    (decision,) = of(rows, "retraining", BLIZZARD)
    assert (decision["decision"], decision["reason"]) == ("no", REFUSED)
    assert [one["name"] for one in decision["conditions"] if not one["met"]] == ["no_data_fault"]


def test_the_red_mail_is_in_the_inbox(shown: Shown) -> None:
    reds = [mail for mail in shown.mails(MODEL) if mail["X-Daywatch-State"] == "RED"]
    (red,) = reds
    assert red["Subject"] == "[RED] flights 2013-02-09: dep_delay missing in 70.1 %"
    assert {address.strip() for address in red["To"].split(",")} == CONTACTS
    html = red.get_body(("html",))
    text = red.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "dep_delay" in html.get_content()
    said = " ".join(text.get_content().split())
    assert f"Retraining: No. {REFUSED}" in said
    assert "Worst slice carrier=B6: 18.3 % of the rows, 21.1 % of the prediction errors" in said
    assert len(red.as_bytes()) < 200_000


def test_the_note_of_a_run_is_its_verdict(shown: Shown) -> None:
    with shown.stack.api() as api:
        notes = {run["partition_key"]: run["note"] for run in api.runs(f"monitor__{MODEL}")}
    assert notes[BLIZZARD.isoformat()].startswith("RED: dep_delay is missing in 70.1 % of 742 rows")
    assert notes[FIRST.isoformat()].startswith("AMBER: ")


def test_no_mail_says_that_something_failed(shown: Shown) -> None:
    assert [mail["Subject"] for mail in shown.mails(MODEL) if "[FAILED]" in mail["Subject"]] == []


def test_the_warehouse_holds_the_same_numbers_as_the_table(shown: Shown) -> None:
    rows = shown.warehouse(MODEL)
    (verdict,) = of(rows, "verdict", BLIZZARD)
    assert verdict["state"] == "RED"
    metrics = {
        (row["metric"], row["column_name"]): row["value"]
        for row in of(rows, "metric_value", BLIZZARD)
        if not row["slice"]
    }
    assert round(metrics["roc_auc", ""], 3) == 0.635
    assert round(metrics["null_share", "dep_delay"], 3) == round(520 / 742, 3)
    (run,) = of(rows, "window_run", BLIZZARD)
    parts = ("exported", "quarantined", "duplicates", "unanswered")
    assert run["records"] == sum(run[part] for part in parts) == 742
    stages = {row["stage"] for row in of(rows, "stage_run", BLIZZARD)}
    assert stages == {"export", "validate", "measure", "judge", "record", "report", "notify"}


def test_the_backfill_again_changes_no_row_and_sends_no_mail(shown: Shown) -> None:
    before, mails = shown.warehouse(MODEL), len(shown.mails(MODEL))
    dag = f"monitor__{MODEL}"
    with shown.stack.api() as api:
        known = len(api.runs(dag))
        api.backfill(dag, FIRST, BLIZZARD, max_active_runs=2, reprocess="completed")
        states = [run["state"] for run in api.watch_runs(dag, known + 2, 300)]
        retrainings = api.runs(f"retrain__{MODEL}")
    assert states == ["success"] * (known + 2)
    assert shown.warehouse(MODEL) == before
    assert len(shown.mails(MODEL)) == mails
    assert retrainings == []
