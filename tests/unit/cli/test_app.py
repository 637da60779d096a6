"""The real `daywatch` command in processes of its own: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from captures import day_of
from command import run_command
from daywatch import __version__
from daywatch.cli.interrupt import LINE
from daywatch.warehouse.database import transaction
from daywatch.warehouse.record import record_window
from models import write_model
from places import BASELINE_DAYS, DAY, Place, make_baseline

COMMAND = Path(sys.executable).parent / "daywatch"
INCLUDE = Path(__file__).resolve().parents[3] / "include"

Run = Callable[..., subprocess.CompletedProcess[str]]
Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def here(place: Callable[..., Place]) -> Place:
    return place()


@pytest.fixture
def environment(here: Place) -> dict[str, str]:
    """The variables of a place."""
    deployment = here.deployment
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": os.pathsep.join([str(INCLUDE), str(INCLUDE.parent / "tests" / "support")]),
        "DAYWATCH_DATA_URI": deployment.data_uri,
        "DAYWATCH_ARTIFACTS_URI": deployment.artifacts_uri,
        "DAYWATCH_MODELS": str(deployment.models),
        "DAYWATCH_SUITES": str(deployment.suites),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(
            {"conn_type": "sqlite", "host": deployment.warehouse_url.removeprefix("sqlite:///")}
        ),
        "AIRFLOW_CONN_DAYWATCH_S3": "",
        "AIRFLOW_CONN_DAYWATCH_SMTP": "",
        "NO_COLOR": "1",
    }


@pytest.fixture
def terminal(environment: dict[str, str]) -> Terminal:
    """Run the command on a terminal and type something; returns the exit code and what was shown."""

    def run(arguments: list[str], typed: bytes = b"") -> tuple[int, str]:
        ours, its = pty.openpty()
        process = subprocess.Popen(
            [COMMAND, *arguments],
            env={**environment, "TERM": "xterm"},
            stdin=its,
            stdout=its,
            stderr=its,
            cwd="/",
        )
        os.close(its)
        os.write(ours, typed)
        shown = b""
        with suppress(OSError):  # Linux says so when the last process has closed its end.
            while part := os.read(ours, 65_536):
                shown += part
        os.close(ours)
        return process.wait(), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).replace("\r", "")

    return run


@pytest.fixture
def daywatch(environment: dict[str, str]) -> Run:
    """Run the command on a place."""

    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, environment={**environment, **changes})

    return run


def test_init_prints_a_yaml_and_writes_it_once(here: Place, daywatch: Run) -> None:
    for day in BASELINE_DAYS:
        here.endpoint.play(day_of(day))
    asked = ("init", "--model", "basket", "--captures", "shop-endpoint", "--labels", "shop-truth")
    file = here.deployment.models / "basket.yaml"

    printed = daywatch(*asked, "--print")
    assert printed.returncode == 0, printed.stderr
    assert "model: basket\n" in printed.stdout
    assert "owner, contacts, namespace and description: nothing in the captures says them." in printed.stderr
    assert not file.exists()

    written = daywatch(*asked)
    assert (written.returncode, written.stdout.strip()) == (0, str(file))
    assert file.read_text() == printed.stdout
    assert daywatch("lint").stdout == "2 models checked, 0 errors\n"

    again = daywatch(*asked)
    assert again.returncode == 4
    assert "exists, and is not changed" in again.stderr
    assert file.read_text() == printed.stdout


def test_a_stranger_gets_from_nothing_to_a_verdict(here: Place, daywatch: Run) -> None:
    Path(here.deployment.warehouse_url.removeprefix("sqlite:///")).unlink()
    for day in ("2024-03-01", "2024-03-02", DAY):
        here.endpoint.play(day_of(day, wrong=0.5 if day == DAY else 0.1))

    before = daywatch("baseline", "--model", "shop")
    assert before.returncode == 4
    assert "The warehouse's schema is at version none" in before.stderr
    assert "run `daywatch warehouse upgrade`" in before.stderr

    assert daywatch("warehouse", "upgrade").returncode == 0
    early = daywatch("run", "--model", "shop", "--window", DAY)
    assert early.returncode == 4
    assert "has no baseline" in early.stderr

    baseline = daywatch("baseline", "--model", "shop")
    assert baseline.returncode == 0, baseline.stderr
    assert baseline.stdout.strip().startswith("2024-03-01_2024-03-02_")

    suite = daywatch("suite", "--model", "shop")
    assert Path(suite.stdout.strip()) == here.deployment.suites / "shop.json"
    assert json.loads((here.deployment.suites / "shop.json").read_text())["expectations"]

    run = daywatch("run", "--model", "shop", "--window", DAY, "--verbose")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].startswith(f"RED shop {DAY}: ROC AUC is 0.")
    assert len(run.stdout.splitlines()) == 1
    for stage in ("export", "validate", "measure", "judge", "record", "report", "decide_retraining"):
        assert f"{stage} shop {DAY}: " in run.stderr
    assert "Traceback" not in run.stderr

    strict = daywatch("run", "--model", "shop", "--window", DAY, "--exit-state")
    assert strict.returncode == 20
    assert strict.stdout == run.stdout

    (verdict,) = json.loads(daywatch("verdicts", "--model", "shop", "--format", "json").stdout)
    assert set(verdict) == {"window", "state", "reasons", "metrics", "revision", "causes"}
    assert (verdict["window"], verdict["state"]) == (DAY, "RED")
    assert 0 <= verdict["metrics"]["roc_auc"] <= 0.7
    assert verdict["metrics"]["rows"] == 60

    unasked = daywatch("warehouse", "downgrade", "base")
    assert unasked.returncode == 2
    assert "This deletes every table and view of the warehouse" in " ".join(
        unasked.stderr.replace("│", " ").split()
    )
    assert daywatch("verdicts", "--model", "shop").returncode == 0
    assert daywatch("warehouse", "downgrade", "base", "--yes").returncode == 0
    assert daywatch("verdicts", "--model", "shop").returncode == 4


def test_a_grey_day(here: Place, daywatch: Run) -> None:
    make_baseline(here)

    done = daywatch("run", "--model", "shop", "--window", "2024-03-09", "--exit-state")

    assert done.returncode == 30
    assert (
        done.stdout
        == f"GREY shop 2024-03-09: no captures under {here.deployment.data_uri}/shop-endpoint/AllTraffic\n"
    )
    assert done.stderr == (
        f"0 records read from {here.deployment.data_uri}/shop-endpoint/AllTraffic: 0 rows exported\n"
        f"labels from {here.deployment.data_uri}/shop-truth: 0 rows labelled; no label of these rows in "
        f"{here.deployment.data_uri}/shop-truth, folders 2024/03/09 to 2024/03/10\n"
    )


def test_verdicts_as_a_table_and_as_json(here: Place, daywatch: Run, results: Callable[..., object]) -> None:
    with transaction(here.deployment.warehouse_url) as connection:
        for day in ("2024-03-04", "2024-03-03"):
            record_window(connection, results(day, day))  # type: ignore[arg-type]

    table = daywatch("verdicts", "--model", "shop").stdout.splitlines()
    found = json.loads(daywatch("verdicts", "--model", "shop", "--format", "json").stdout)

    assert table[0].split() == ["window", "state", "rows", "labelled", "cause", "reason"]
    assert table[1].split()[:5] == ["2024-03-03", "AMBER", "11", "5", "data"]
    assert [one["window"] for one in found] == ["2024-03-03", "2024-03-04"]
    for one in found:
        assert [(cause["rank"], cause["kind"], cause["parent"]) for cause in one["causes"]] == [
            (1, "data", ""),
            (2, "world", "f1"),
        ]
    assert found[0]["metrics"] == {"log_loss": None, "roc_auc": 0.1 + 0.2, "rows": 11}


def fleet(here: Place) -> None:
    """Add two models beside ``/test/shop``; one of them has no baseline, one another root."""
    write_model(here.deployment.models, model="bare", namespace="/test/bare")
    write_model(here.deployment.models, model="far", namespace="/testing")


def test_a_namespace_runs_all_models_below_it(here: Place, daywatch: Run) -> None:
    make_baseline(here)
    fleet(here)

    done = daywatch("run", "--namespace", "/test", "--window", "2024-03-09", "--exit-state")
    alone = daywatch("run", "--namespace", "/test/shop", "--window", "2024-03-09", "--exit-state")
    verdicts = json.loads(daywatch("verdicts", "--namespace", "/test", "--format", "json").stdout)
    table = daywatch("verdicts", "--namespace", "/").stdout.splitlines()

    assert done.returncode == 4, "one model has no baseline, and the others are judged all the same"
    assert done.stdout.startswith("GREY shop 2024-03-09: no captures under ")
    assert "'bare' has no baseline" in done.stderr
    assert "far" not in done.stderr
    assert alone.returncode == 30
    assert alone.stderr.startswith("0 records read from ")
    assert [(one["model"], one["window"], one["state"]) for one in verdicts] == [
        ("shop", "2024-03-09", "GREY")
    ]
    assert table[0].split()[:3] == ["model", "window", "state"]
    assert table[1].split()[:3] == ["shop", "2024-03-09", "GREY"]


def test_lint_of_a_namespace(here: Place, daywatch: Run) -> None:
    fleet(here)
    write_model(here.deployment.models, model="far", namespace="/testing", tier=9)

    assert daywatch("lint").returncode == 3
    assert daywatch("lint", "--namespace", "/test").stdout == "2 models checked, 0 errors\n"
    nobody = daywatch("lint", "--namespace", "/tset")
    assert (nobody.returncode, nobody.stdout) == (3, "0 models checked, 1 error\n")
    assert "did you mean '/test'?" in nobody.stderr


def test_versions_and_deployments(here: Place, daywatch: Run) -> None:
    add = ("versions", "add", "--model", "shop", "--version", "7", "--description", "With weather")
    facts = ("--artifact", "model=s3://m/7/model.tar.gz", "--artifact", "card=s3://m/7/card.md")
    when = ("--created-at", "2024-03-01T10:00:00+02:00", "--created-by", "ana")
    deploy = ("deployments", "add", "--model", "shop", "--id", "d1", "--endpoint", "shop-endpoint")
    how = ("--method", "sagemaker", "--rollout-strategy", "canary", "--env", "WORKERS=4", "--env", "MODE=a=b")

    early = daywatch(*deploy, "--version", "7", *how)
    assert early.returncode == 4
    assert "daywatch versions add --model shop --version 7" in early.stderr

    assert daywatch(*add, *facts, *when).stdout == "version 7 of shop registered\n"
    again = daywatch(*add, *facts)
    assert again.stdout == "version 7 of shop was already registered; nothing changed\n"
    other = daywatch(*add, "--artifact", "model=s3://m/8/model.tar.gz")
    assert other.returncode == 4
    assert "registered already, by ana on 2024-03-01" in other.stderr
    (version,) = json.loads(daywatch("versions", "list", "--namespace", "/test", "--format", "json").stdout)
    assert version == {
        "namespace": "/test/shop",
        "model": "shop",
        "version": "7",
        "description": "With weather",
        "artifacts": {"model": "s3://m/7/model.tar.gz", "card": "s3://m/7/card.md"},
        "created_at": "2024-03-01T08:00:00Z",
        "created_by": "ana",
    }

    assert daywatch(*deploy, "--version", "7", *how, *when).stdout == "deployment d1 of shop registered\n"
    assert daywatch(*deploy, "--version", "7", *how).stdout.endswith(
        "was already registered; nothing changed\n"
    )
    moved = daywatch(*deploy, "--version", "7", "--method", "helm")
    assert (moved.returncode, "with other values" in moved.stderr) == (4, True)
    (deployed,) = json.loads(daywatch("deployments", "list", "--model", "shop", "--format", "json").stdout)
    assert deployed == {
        "model": "shop",
        "deployment_id": "d1",
        "version": "7",
        "endpoint": "shop-endpoint",
        "environment": {"WORKERS": "4", "MODE": "a=b"},
        "method": "sagemaker",
        "rollout_strategy": "canary",
        "created_at": "2024-03-01T08:00:00Z",
        "created_by": "ana",
    }
    table = daywatch("deployments", "list", "--model", "shop").stdout.splitlines()
    assert table[1].split()[:3] == ["shop", "d1", "7"]
    assert "MODE=a=b" in table[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--env", "DB_PASSWORD=planted"), "The environment variable DB_PASSWORD is refused"),
        (("--env", "REGION=AKIAPLANTEDPLANTED12"), "its value looks like an AWS access key"),
        (("--env", "planted"), "expected NAME=VALUE"),
        (("--env", "A=1", "--env", "A=2"), "A is given twice"),
        (("--created-at", "9.2.2013"), "expected a timestamp such as 2013-02-09T10:00:00Z"),
        (("--method", "x" * 121), "expected 1 to 120 printable characters"),
    ],
)
def test_what_cannot_be_registered_is_2(
    here: Place, daywatch: Run, arguments: tuple[str, ...], message: str
) -> None:
    daywatch("versions", "add", "--model", "shop", "--version", "7")

    done = daywatch(
        "deployments", "add", "--model", "shop", "--version", "7", "--id", "d", "--endpoint", "e", *arguments
    )

    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert "PLANTED" not in done.stderr
    assert json.loads(daywatch("deployments", "list", "--model", "shop", "--format", "json").stdout) == []


def test_late_labels_are_found_once_and_days_are_shown_as_they_were_known(here: Place, daywatch: Run) -> None:
    make_baseline(here)
    here.endpoint.capture(day_of(DAY))
    run = ("run", "--model", "shop", "--window", DAY)
    again = ("reevaluate", "--model", "shop", "--as-of", DAY)
    assert daywatch(*run).stdout.startswith("GREY")
    assert daywatch(*again).stdout == ""
    here.endpoint.label(day_of(DAY))

    assert daywatch(*again).stdout.startswith(f"GREEN shop {DAY}: ")
    assert daywatch(*again).stdout == ""

    # Labels are dated by collection, captures by inference: the day before knew neither.
    assert daywatch(*run, "--known-on", "2024-03-02").stdout.startswith(f"GREY shop {DAY}: no captures")
    verdicts = ("verdicts", "--model", "shop", "--format", "json")
    assert json.loads(daywatch(*verdicts, "--known-on", "2024-03-02").stdout) == []
    listed = daywatch(*verdicts, "--since", DAY, "--last", "1").stdout
    assert [one["window"] for one in json.loads(listed)] == [DAY]
    assert json.loads(daywatch(*verdicts, "--since", "2024-03-04").stdout) == []


def test_no_verdicts_are_an_empty_list(daywatch: Run) -> None:
    assert json.loads(daywatch("verdicts", "--model", "shop", "--format", "json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--model", "shop", "--window", "9.2.2013"), "Expected a day such as 2013-02-09"),
        (("run", "--window", DAY), "Expected either --model or --namespace"),
        (("verdicts", "--model", "shop", "--namespace", "/test"), "Expected either --model or --namespace"),
        (("verdicts", "--model", "shop", "--format", "xml"), "'xml' is not one of"),
        (("verdicts", "--model", "shop", "--known-on", "soon"), "Expected a day such as 2013-02-09"),
        (("verdicts", "--model", "shop", "--last", "0"), "should be greater than or equal to 1"),
        (("reevaluate", "--model", "shop", "--as-of", "soon"), "Expected a day such as 2013-02-09"),
        (("fly",), "No such command 'fly'"),
    ],
)
def test_wrong_usage_is_2(daywatch: Run, arguments: tuple[str, ...], message: str) -> None:
    done = daywatch(*arguments)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_an_error_in_the_configuration_is_3(here: Place, daywatch: Run) -> None:
    missing = daywatch("verdicts", "--model", "shpo")
    write_model(here.deployment.models, tier=9)
    wrong = daywatch("run", "--model", "shop", "--window", DAY)
    linted = daywatch("lint")

    assert missing.returncode == wrong.returncode == linted.returncode == 3
    assert "did you mean 'shop'?" in missing.stderr
    assert "shop.yaml:" in wrong.stderr
    assert "tier: expected a number of at most 4, but received 9" in wrong.stderr
    assert linted.stdout == "1 model checked, 1 error\n"
    assert "tier: expected a number of at most 4, but received 9" in linted.stderr


def test_lint_of_what_is_well_is_0(here: Place, daywatch: Run) -> None:
    done = daywatch("lint")

    assert (done.returncode, done.stdout, done.stderr) == (0, "1 model checked, 0 errors\n", "")


def test_a_server_that_is_away_is_5_and_its_password_stays_untold(daywatch: Run, unused_port: int) -> None:
    away = {
        "conn_type": "postgres",
        "host": "127.0.0.1",
        "port": unused_port,
        "login": "me",
        "password": "planted-secret",
        "schema": "w",
    }

    for arguments in (("verdicts", "--model", "shop"), ("warehouse", "upgrade")):
        done = daywatch(*arguments, AIRFLOW_CONN_DAYWATCH_WAREHOUSE=json.dumps(away))

        assert done.returncode == 5
        assert (
            f"The warehouse postgresql+psycopg://me:***@127.0.0.1:{unused_port}/w did not answer"
            in done.stderr
        )
        assert "Traceback" not in done.stderr
        assert "planted-secret" not in done.stderr + done.stdout


def test_a_connection_that_cannot_be_read_is_4(daywatch: Run) -> None:
    done = daywatch(
        "verdicts", "--model", "shop", AIRFLOW_CONN_DAYWATCH_WAREHOUSE="postgres://me:planted@h/w"
    )

    assert done.returncode == 4
    assert "AIRFLOW_CONN_DAYWATCH_WAREHOUSE cannot be read" in done.stderr
    assert "planted" not in done.stderr


def test_a_variable_that_cannot_be_used_is_4(daywatch: Run) -> None:
    for arguments in (("lint",), ("verdicts", "--model", "shop")):
        done = daywatch(*arguments, DAYWATCH_ENGINE_MEMORY="much")

        assert done.returncode == 4
        assert done.stderr.startswith("DAYWATCH_ENGINE_MEMORY is 'much', expected a size such as 2GB")


def test_downgrade_asks_on_a_terminal(here: Place, terminal: Terminal) -> None:
    declined, shown = terminal(["warehouse", "downgrade", "base"], b"n\n")
    assert (declined, shown.strip().endswith("Nothing was changed.")) == (2, True)
    assert "Delete every table and view of the warehouse " in shown

    assert terminal(["warehouse", "downgrade", "base"], b"y\n")[0] == 0
    assert terminal(["verdicts", "--model", "shop"])[0] == 4


def test_a_terminal_shows_what_a_command_is_busy_with(terminal: Terminal) -> None:
    code, shown = terminal(["lint"])

    assert code == 0
    assert "checking models" in shown
    assert shown.splitlines()[-1].endswith("1 model checked, 0 errors")


def test_ctrl_c_while_a_day_is_judged(
    here: Place, daywatch: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    make_baseline(here)
    here.endpoint.capture(day_of(DAY))
    scratch = tmp_path / "scratch"
    arguments = ["run", "--model", "shop", "--window", DAY]
    with subprocess.Popen(
        [COMMAND, *arguments],
        env={**environment, "DAYWATCH_SCRATCH": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not any(scratch.glob("*/.lock")):
            assert process.poll() is None
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=60)

    assert time.monotonic() - begun < 3
    assert (process.returncode, printed, errors) == (130, "", f"{LINE}\n")
    assert list(scratch.iterdir()) == []
    assert daywatch(*arguments).stdout.startswith(f"GREY shop {DAY}")


def test_every_command_is_in_the_help(daywatch: Run) -> None:
    shown = daywatch("--help").stdout

    for name in (
        "run",
        "verdicts",
        "explain",
        "baseline",
        "suite",
        "lint",
        "plan",
        "versions",
        "deployments",
        "warehouse",
        "Exit codes",
    ):
        assert name in shown
    assert daywatch().returncode == 2


def test_version_and_python_m(daywatch: Run) -> None:
    done = daywatch("--version")
    as_module = subprocess.run(
        [sys.executable, "-m", "daywatch.cli", "--version"],
        env={"PYTHONPATH": str(INCLUDE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, f"daywatch {__version__}\n")
    assert (as_module.returncode, as_module.stdout) == (0, done.stdout)


def test_the_command_imports_nothing_heavy() -> None:
    script = (
        "import sys, daywatch.cli; print([n for n in ('pandas', 'numpy', 'duckdb', 'evidently', "
        "'great_expectations', 'sqlalchemy', 'airflow') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(INCLUDE)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_drift_is_told_from_the_warehouse_alone(here: Place, daywatch: Run) -> None:
    make_baseline(here)
    days = ("2024-03-03", "2024-03-04")
    for day in days:
        here.endpoint.play(day_of(day))
        here.run(day)
    for file in Path(here.deployment.data_uri).rglob("*.jsonl"):
        file.unlink()

    table = daywatch("drift", "--model", "shop", "--window", days[1], "--over", "2")
    found = daywatch("drift", "--model", "shop", "--window", days[1], "--over", "2", "--format", "json")
    early = daywatch("drift", "--model", "shop", "--window", days[1], "--against", "same_month")
    unknown = daywatch("drift", "--model", "shop", "--window", "2024-03-05")

    assert table.returncode == 0, table.stderr
    assert table.stdout.splitlines()[0] == "shop, 7 columns over 2 days against the frozen baseline"
    assert {line.split()[0] for line in table.stdout.splitlines()[2:]} >= {"amount", "country", "label"}
    amount = next(one for one in json.loads(found.stdout) if one["column"] == "amount")
    assert (amount["rows"], amount["baseline_rows"], amount["method"]) == (120, 120, "ks")
    assert (
        "the same month last year: 31 of 31 days were not measured: 2023-03-01 to 2023-03-31." in early.stdout
    )
    assert unknown.returncode == 4
    assert unknown.stderr.strip() == (
        "The window 2024-03-05 of 'shop' has no profile in the warehouse: "
        "run `daywatch run --model shop --window 2024-03-05`."
    )


def test_drift_of_a_slice_over_days(here: Place, daywatch: Run) -> None:
    slices = [{"by": "country", "top": 2, "minimum_rows": 10}, {"name": "large", "where": "amount > 50"}]
    write_model(here.deployment.models, slices=slices)
    make_baseline(here)
    days = ("2024-03-03", "2024-03-04")
    inferences = [one for day in days for one in day_of(day)]
    for day in days:
        here.endpoint.play(day_of(day))
        here.run(day)
    asked = ("drift", "--model", "shop", "--window", days[1], "--over", "2")

    table = daywatch(*asked, "--slice", "large")
    found = daywatch(*asked, "--slice", "large", "--format", "json")
    wrong = daywatch(*asked, "--slice", "larg")

    assert table.returncode == 0, table.stderr
    assert table.stdout.splitlines()[0] == "shop, large, 7 columns over 2 days against the frozen baseline"
    amount = next(one for one in json.loads(found.stdout) if one["column"] == "amount")
    expected = sum(float(one.request.split(",")[0]) > 50 for one in inferences)
    of_baseline = [one for day in BASELINE_DAYS for one in day_of(day)]
    before = sum(float(one.request.split(",")[0]) > 50 for one in of_baseline)
    assert (amount["slice"], amount["rows"], amount["baseline_rows"]) == ("large", expected, before)
    assert amount["value"] is not None
    assert wrong.returncode == 4
    assert "has no profile of the slice 'larg': expected one of country=" in wrong.stderr
    assert "did you mean 'large'?" in wrong.stderr
