"""The stages on the real S3 server, PostgreSQL and SMTP server, with the pipeline's own key, without Airflow."""

from __future__ import annotations

import email
import json
import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from captures import Endpoint, Inference, day_of
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.results import State
from daywatch.run import WindowRun
from daywatch.stages import notify as notify_stage
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.stages.export import export
from daywatch.stages.judge import judge
from daywatch.stages.measure import measure
from daywatch.stages.notify import notify
from daywatch.stages.record import record
from daywatch.stages.report import report
from daywatch.stages.validate import validate
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.notifications import claim, end_claim, stored_notification
from daywatch.warehouse.record import window_key
from daywatch.window import Window
from daywatch_demo.stack.mail import Mail
from daywatch_demo.stack.postgres import Postgres
from daywatch_demo.stack.s3 import ObjectStore
from daywatch_demo.stack.stack import Stack, temporary_stack
from models import NAME, write_model
from places import BASELINE_DAYS, make_baseline, make_place
from pydantic import SecretStr
from rows import dump

RED_DAY, DAY, AWAY_DAY, MAIL_DAY, CRASH_DAY, HOSTILE_DAY, RACE_DAY = (f"2024-03-{n:02}" for n in range(3, 10))


class Site:
    """The servers, and Daywatch on them."""

    def __init__(self, stack: Stack, deployment: Deployment, folder: Path) -> None:
        self.stack = stack
        self.deployment = deployment
        self.folder = folder

    def play(self, inferences: list[Inference]) -> None:
        """Write captures and ground truth to the bucket."""
        local = self.folder / inferences[0].event_id
        Endpoint(local).play(inferences)
        storage = open_storage(self.deployment.data_uri, self.deployment)
        for path in sorted(local.rglob("*.jsonl")):
            storage.write(str(path.relative_to(local)), path.read_bytes())

    def run(self, day: str) -> tuple[WindowRun, Verdict]:
        """Run all stages of a day, the mail too."""
        return run_window(NAME, Window.of_day(day), self.deployment, lambda _: None, mail_at(day))

    def mails(self, day: str) -> list[Message]:
        """Return the mails about a day."""
        found = [
            email.message_from_bytes(path.read_bytes())
            for path in sorted(self.stack.mail_folder.glob("*.eml"))
        ]
        return [mail for mail in found if f".{day}." in mail["Message-ID"]]

    def objects(self) -> dict[str, str]:
        """Return the mark of every artifact."""
        storage = open_storage(self.deployment.artifacts_uri, self.deployment)
        return {stored.key: stored.etag for stored in storage.list("shop/")}


def mail_at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=6, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clone = tmp_path_factory.mktemp("clone")
    write_model(clone / "include" / "models")
    with temporary_stack(clone, clone / ".daywatch") as stack:
        stack.up(airflow=False)
        environment = {
            **stack.environment,
            "DAYWATCH_MODELS": str(clone / "include" / "models"),
            "DAYWATCH_SUITES": str(clone / "include" / "suites"),
        }
        deployment = deployment_from(environment, connections_from_environment(environment))
        upgrade(deployment.warehouse_url)
        here = Site(stack, deployment, tmp_path_factory.mktemp("written"))
        for day in BASELINE_DAYS:
            here.play(day_of(day))
        build_baseline(NAME, deployment)
        yield here


def test_a_red_day_end_to_end_and_again(site: Site, tmp_path: Path) -> None:
    """The numbers are those of a local folder and SQLite; a second run changes and sends nothing."""
    day = day_of(RED_DAY, wrong=0.5)
    site.play(day)
    run, verdict = site.run(RED_DAY)

    assert verdict.state is State.RED
    (mail,) = site.mails(RED_DAY)
    assert mail["Subject"].startswith("[RED] shop 2024-03-03")
    assert mail["To"] == "team@example.com"
    rows, objects = dump(site.deployment.warehouse_url), site.objects()
    assert {key.rpartition("/")[2] for key in objects if run.revision in key} >= {
        "inferences.parquet",
        "evidently.html",
        "great_expectations.json",
        "report.html",
        "verdict.json",
    }

    local = make_place(tmp_path / "local")
    upgrade(local.deployment.warehouse_url)
    make_baseline(local)
    local.endpoint.play(day)
    local.run(RED_DAY)
    there = dump(local.deployment.warehouse_url)
    for table in ("metric_value", "expectation_result", "finding", "rule_outcome", "column_profile"):
        ours, theirs = (
            [{**row, "revision": ""} for row in all_of[table] if row["revision"]] for all_of in (rows, there)
        )
        assert len(ours) == len(theirs), table
        for row in (*ours, *theirs):
            for name in ("window_start", "window_end", "of_baseline"):
                row.pop(name, None)
        texts = [sorted(json.dumps(row, sort_keys=True) for row in side) for side in (ours, theirs)]
        assert texts[0] == texts[1], table

    assert site.run(RED_DAY) == (run, verdict)
    assert dump(site.deployment.warehouse_url) == rows
    assert site.objects() == objects
    assert len(site.mails(RED_DAY)) == 1


def test_s3_away_and_back(site: Site) -> None:
    site.play(day_of(DAY))
    server = ObjectStore(site.stack.settings)
    server.stop()
    try:
        with pytest.raises(
            InfrastructureError, match="Could not read s3://daywatch-artifacts/shop/.*storage is up"
        ) as caught:
            site.run(DAY)
        with pytest.raises(InfrastructureError, match="Could not list s3://daywatch-data/shop-endpoint/"):
            build_baseline(NAME, site.deployment)
    finally:
        server.up()

    assert "\n" not in str(caught.value)
    assert site.run(DAY)[1].state is State.GREEN
    assert len(site.mails(DAY)) == 1


def test_postgresql_away_and_back(site: Site) -> None:
    site.play(day_of(AWAY_DAY, wrong=0.0))
    run, _ = export(NAME, Window.of_day(AWAY_DAY), site.deployment)
    for stage in (validate, measure, judge):
        stage(run, site.deployment)
    server = Postgres(site.stack.settings)
    server.stop()
    try:
        with pytest.raises(
            InfrastructureError, match=r"The warehouse postgresql.*:\*\*\*@.* did not answer: "
        ) as caught:
            record(run, [], site.deployment)
        with pytest.raises(InfrastructureError, match="did not answer"):
            site.run(AWAY_DAY)
    finally:
        server.up()

    assert site.stack.settings.credentials.warehouse_password not in str(caught.value)
    again, verdict = site.run(AWAY_DAY)
    assert (again, verdict.state) == (run, State.GREEN)
    current = [
        row
        for row in dump(site.deployment.warehouse_url)["current_verdict"]
        if row["revision"] == run.revision
    ]
    assert len(current) == 1


def test_smtp_away_and_back(site: Site) -> None:
    site.play(day_of(MAIL_DAY, wrong=0.5))
    server = Mail(site.stack.settings)
    server.stop()
    try:
        with pytest.raises(
            InfrastructureError, match="The mail server 127.0.0.1:.* did not take the mail: .* it is up"
        ):
            site.run(MAIL_DAY)
    finally:
        server.up()
    assert site.mails(MAIL_DAY) == []

    run, _ = site.run(MAIL_DAY)
    notify(run, [], site.deployment, mail_at(MAIL_DAY))

    assert len(site.mails(MAIL_DAY)) == 1


def test_a_crash_between_sending_and_storing_sends_the_same_mail_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.play(day_of(CRASH_DAY, wrong=0.0))  # GREEN after RED: a change, which is mailed
    run, _ = run_window(NAME, Window.of_day(CRASH_DAY), site.deployment, lambda _: None)

    def crash(*_: object) -> None:
        message = "the worker was killed"
        raise KeyboardInterrupt(message)

    with monkeypatch.context() as patched:
        patched.setattr(notify_stage, "_remember", crash)
        with pytest.raises(KeyboardInterrupt):
            notify(run, [], site.deployment, mail_at(CRASH_DAY))
    notify(run, [], site.deployment, mail_at(CRASH_DAY))
    notify(run, [], site.deployment, mail_at(CRASH_DAY))

    first, second = site.mails(CRASH_DAY)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_payload()[0].get_payload() == second.get_payload()[0].get_payload()  # type: ignore[index,union-attr]


def test_of_many_runs_that_look_at_once_one_sends(site: Site) -> None:
    """Whoever looks while another remembers that it has sent does not send again."""
    site.play(day_of(RACE_DAY))
    run, _ = site.run(RACE_DAY)
    url, key = site.deployment.warehouse_url, window_key(run.model, run.window, run.revision)

    decided = {"kind": "-", "state": "RED", "reason": "", "message_id": "", "recipients": [], "refused": {}}

    def look(_: int) -> int:
        with transaction(url) as connection:
            unsent = stored_notification(connection, key, decided).sent_at is None
            claimed = unsent and claim(connection, key)
        if claimed:
            with transaction(url) as connection:
                end_claim(connection, key, sent_at=mail_at(RACE_DAY))
        return claimed

    with ThreadPoolExecutor(8) as pool:
        for _ in range(40):
            with transaction(url) as connection:
                end_claim(connection, key, sent_at=None)
            assert sum(pool.map(look, range(16))) == 1


def test_a_bucket_that_is_not_ours(site: Site) -> None:
    misspelt = replace(site.deployment, data_uri="s3://daywatch-dat")

    with pytest.raises(SetupError, match="Could not list s3://daywatch-dat/shop-endpoint/.*'daywatch_s3'"):
        export(NAME, Window.of_day(DAY), misspelt)


def planted(site: Site) -> Deployment:
    """Return the site with a secret in every field that may hold one, where it still works."""
    extras: dict[str, dict[str, Any]] = {
        "DAYWATCH_S3": {
            "app_token": "planted-s3-token",
            "config_kwargs": {"proxies_secret": "planted-s3-deep", "s3": {"addressing_style": "path"}},
        },
        "DAYWATCH_WAREHOUSE": {
            "sslpassword": "planted-sslpassword",
            "options": "-c daywatch.password=planted-options -c daywatch.note=harmless",
        },
        "DAYWATCH_SMTP": {"access_token": "planted-smtp-token", "private_key": "planted-smtp-key"},
    }
    environment = {**site.stack.environment, "DAYWATCH_MODELS": str(site.deployment.models)}
    environment["DAYWATCH_AIRFLOW_URL"] = "https://me:planted-airflow@airflow.example.com"
    for name, extra in extras.items():
        connection = json.loads(environment[f"AIRFLOW_CONN_{name}"])
        own = connection.get("extra") or {}
        connection["extra"] = {**(json.loads(own) if isinstance(own, str) else own), **extra}
        if endpoint := connection["extra"].get("endpoint_url"):
            connection["extra"]["endpoint_url"] = endpoint.replace("://", "://me:planted-endpoint@")
        environment[f"AIRFLOW_CONN_{name}"] = json.dumps(connection)
    return deployment_from(environment, connections_from_environment(environment))


def failing(deployment: Deployment) -> Iterator[Deployment]:
    """Yield the deployment with one thing wrong at a time."""
    yield replace(deployment, data_uri="s3://daywatch-dat")
    assert deployment.s3 is not None
    wrong = deployment.s3.model_copy(update={"password": SecretStr("planted-wrong")})
    token = {**deployment.s3.extra, "aws_session_token": "planted-session"}
    yield replace(deployment, s3=wrong.model_copy(update={"extra": token}))
    url = sa.make_url(deployment.warehouse_url)
    for changed in (
        url.set(password="planted-wrong"),
        url.set(port=1),
        url.update_query_dict({"options": "-c nonsense.= -c password=planted-refused"}),
        url.update_query_dict({"sslmode": "nonsense"}),
    ):
        yield replace(deployment, warehouse_url=changed.render_as_string(hide_password=False))


def test_no_secret_is_anywhere(
    site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Secrets are planted in all fields of all connections, and everything that was written is read."""
    day = Window.of_day("2024-03-09")
    deployment = planted(site)
    errors: list[str] = []
    with caplog.at_level(logging.DEBUG):
        run, _ = run_window(NAME, day, deployment, lambda _: None, mail_at("2024-03-09"))
        report(run, deployment)
        for broken in failing(deployment):
            with pytest.raises(DaywatchError) as caught:
                run_window(NAME, day, broken, lambda _: None)
            errors.append("".join(traceback.format_exception(caught.value)))
    credentials = site.stack.settings.credentials
    secrets = (credentials.s3_secret, credentials.s3_key, credentials.warehouse_password, "planted")
    storage = open_storage(site.deployment.artifacts_uri, site.deployment)

    texts = [caplog.text, *capfd.readouterr(), repr(dump(site.deployment.warehouse_url)), repr(deployment)]
    texts += [storage.read(key).decode("latin-1") for key in site.objects()]
    texts += [path.read_text("latin-1") for path in site.stack.mail_folder.glob("*.eml")]

    assert len(texts) > 50
    shown = [text[:80] for text in (*texts, *errors) for secret in secrets if secret in text]
    assert shown == []


def test_text_of_every_kind_can_be_stored(site: Site) -> None:
    """PostgreSQL is stricter than SQLite: what it does not store must not stop a window."""
    texts = [
        "\x07\x1b[31m",
        "\u2028\u202e",
        "🜁",
        "'; DROP TABLE verdict; --",
        "%s %(a)s :b {c} \\",
        "\\u0000",
        "x" * 50_000,
    ]
    inferences = day_of(HOSTILE_DAY)
    hostile = [
        replace(one, request=one.request[:-2] + texts[number % len(texts)])
        for number, one in enumerate(inferences)
    ]
    nul = replace(inferences[0], event_id="nul", request="1,2,true,\x00")
    site.play([*hostile, nul])

    run, _ = site.run(HOSTILE_DAY)

    rows = dump(site.deployment.warehouse_url)
    (stored,) = [row for row in rows["window_run"] if row["revision"] == run.revision]
    assert (stored["rows"], stored["quarantine_reasons"]) == (len(hostile), {"nul_character": 1})
    found = [row["detail"] for row in rows["finding"] if row["revision"] == run.revision]
    assert any("DROP TABLE" in detail for detail in found)
