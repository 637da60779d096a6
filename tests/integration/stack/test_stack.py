"""The real servers, started as `make demo` starts them, without Airflow."""

import os
import smtplib
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx
import psutil
import psycopg
import pytest
from botocore.exceptions import ClientError
from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.ports import HOST
from daywatch_demo.stack.s3 import s3_client
from daywatch_demo.stack.stack import Stack, temporary_stack

if TYPE_CHECKING:
    from botocore.client import BaseClient

SERVERS = ("postgres", "s3", "mail")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def s3(stack: Stack) -> "BaseClient":
    """A client with the pipeline's own key."""
    credentials = stack.settings.credentials
    return s3_client(stack.settings, credentials.s3_key, credentials.s3_secret)


def _connect(dsn: str, dbname: str | None = None) -> psycopg.Connection:
    address = urlsplit(dsn)
    return psycopg.connect(
        host=address.hostname,
        port=address.port,
        user=address.username,
        password=unquote(address.password or ""),
        dbname=dbname or address.path.lstrip("/"),
    )


def _pids(stack: Stack) -> dict[str, int | None]:
    return {status.name: status.pid for status in stack.status() if status.name in SERVERS}


def _processes(state: Path) -> list[psutil.Process]:
    """Every process that has anything to do with a state folder, found without the stack's own records."""
    marks = [str(state)]
    note = state / "postgres-folder"
    if note.exists():
        marks.append(note.read_text())
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
        if any(mark in word for mark in marks for word in words):
            found.append(process)
    return found


def test_the_warehouse_answers(stack: Stack) -> None:
    with _connect(stack.settings.warehouse_dsn) as connection:
        row = connection.execute("SELECT current_user, current_database(), 'ä' < 'b'").fetchone()
        connection.execute("CREATE TABLE mine (n int)")

    assert row == ("daywatch", "daywatch", False)  # sorts by code point, on every machine


def test_the_warehouse_role_cannot_enter_airflows_database(stack: Stack) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        _connect(stack.settings.warehouse_dsn, dbname="airflow")


def test_a_wrong_password_is_refused(stack: Stack) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        _connect(stack.settings.warehouse_dsn.replace("daywatch:", "daywatch:x", 1))


@pytest.mark.parametrize("bucket", ["daywatch-data", "daywatch-artifacts"])
def test_the_pipelines_key_reads_and_writes_its_buckets(s3: "BaseClient", bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a folder/ö.bin", Body=b"x" * 6_000_000)

    assert s3.get_object(Bucket=bucket, Key="a folder/ö.bin")["Body"].read() == b"x" * 6_000_000
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a folder/ö.bin"]
    s3.delete_object(Bucket=bucket, Key="a folder/ö.bin")


def test_the_pipelines_key_cannot_create_a_bucket(s3: "BaseClient") -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.create_bucket(Bucket="another")


def test_a_misspelt_bucket_is_an_error(stack: Stack, s3: "BaseClient") -> None:
    credentials = stack.settings.credentials
    admin = s3_client(stack.settings, credentials.s3_admin_key, credentials.s3_admin_secret)

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="daywatch-dta", Key="a", Body=b"")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        admin.put_object(Bucket="daywatch-dta", Key="a", Body=b"")


def test_objects_are_not_served_without_a_key(stack: Stack, s3: "BaseClient") -> None:
    s3.put_object(Bucket="daywatch-data", Key="private", Body=b"private")
    for name in ("s3", "filer", "volume", "master"):
        address = f"http://{HOST}:{stack.settings.ports[name]}"
        for path in ("/daywatch-data/private", "/buckets/daywatch-data/private"):
            answer = httpx.get(address + path, follow_redirects=True, trust_env=False)
            assert answer.status_code in (401, 403, 404), (name, path)


def _hostile_mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Daywatch <daywatch@example.com>"
    message["To"] = "night@example.com"
    message["Subject"] = f"RED: flüge {SCRIPT}"
    message.set_content("flüge\n.\n.. a line with dots")
    message.add_alternative(f"<p>flüge</p>{SCRIPT}", subtype="html")
    return message


def test_a_mail_is_kept_and_shown(stack: Stack) -> None:
    settings = stack.settings
    with smtplib.SMTP(HOST, settings.ports["smtp"]) as client:
        client.send_message(_hostile_mail(), to_addrs=["night@example.com", "hidden@example.com"])

    (file,) = stack.mail_folder.glob("*.eml")
    with httpx.Client(base_url=settings.mailbox_url, trust_env=False) as pages:
        (listed,) = pages.get("/api/messages").json()
        mail = pages.get(f"/api/messages/{listed['id']}").json()
        inbox = pages.get("/")
        html = pages.get(f"/messages/{listed['id']}/html")
    assert listed["id"] == file.stem
    assert listed["to"] == "night@example.com, hidden@example.com"
    assert listed["subject"] == f"RED: flüge {SCRIPT}"
    assert mail["text"].splitlines() == ["flüge", ".", ".. a line with dots"]
    assert SCRIPT not in inbox.text
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert file.stat().st_mode & 0o077 == 0


def test_a_second_up_starts_nothing(stack: Stack) -> None:
    before = _pids(stack)
    told: list[str] = []

    assert stack.up(airflow=False, progress=told.append) is False

    assert _pids(stack) == before
    assert sorted(line.split()[0] for line in told) == sorted(SERVERS)


@pytest.mark.parametrize("name", SERVERS)
def test_a_dead_server_is_started_again_with_its_data(stack: Stack, name: str) -> None:
    credentials = stack.settings.credentials
    key = f"before-{name}"
    s3_client(stack.settings, credentials.s3_key, credentials.s3_secret).put_object(
        Bucket="daywatch-data", Key=key, Body=b"here"
    )
    before = _pids(stack)
    psutil.Process(before[name]).kill()

    assert stack.up(airflow=False) is True

    after = _pids(stack)
    assert after[name] not in (None, before[name])
    assert {other for other in SERVERS if after[other] != before[other]} == {name}
    s3 = s3_client(stack.settings, credentials.s3_key, credentials.s3_secret)
    assert s3.get_object(Bucket="daywatch-data", Key=key)["Body"].read() == b"here"
    with _connect(stack.settings.warehouse_dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_no_secret_is_in_a_log_or_in_the_process_list(stack: Stack) -> None:
    processes = _processes(stack.state)
    arguments = " ".join(word for process in processes for word in process.info["cmdline"] or [])
    logs = "".join(path.read_text(errors="replace") for path in stack.state.glob("logs/*"))
    secrets = asdict(stack.settings.credentials)

    assert len(processes) > len(SERVERS)
    assert [name for name, value in secrets.items() if value in arguments + logs] == []


def test_nobody_else_can_read_what_the_stack_keeps(stack: Stack) -> None:
    assert stack.state.stat().st_mode & 0o777 == 0o700
    for name in ("credentials.json", "env", "s3/identities.json"):
        assert (stack.state / name).stat().st_mode & 0o777 == 0o600


def test_only_the_loopback_interface_is_served(stack: Stack) -> None:
    ports = set(stack.settings.ports.values())
    listening = [item.laddr for item in psutil.net_connections("tcp") if item.status == psutil.CONN_LISTEN]
    ours = [address for address in listening if address.port in ports]

    assert len(ours) >= len(ports) - 1  # all but Airflow's
    assert {address.ip for address in ours} == {HOST}


@pytest.fixture(scope="module")
def neighbour(clone: Path, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with temporary_stack(clone, tmp_path_factory.mktemp("neighbour") / "daywatch") as neighbour:
        neighbour.up(airflow=False)
        yield neighbour


def test_two_stacks_run_side_by_side(stack: Stack, neighbour: Stack) -> None:
    ours, theirs = stack.settings, neighbour.settings

    assert not set(ours.ports.values()) & set(theirs.ports.values())
    with _connect(ours.warehouse_dsn), _connect(theirs.warehouse_dsn):
        pass
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3_client(theirs, ours.credentials.s3_key, ours.credentials.s3_secret).list_buckets()


def test_down_leaves_no_process_and_up_finds_everything_again(stack: Stack, neighbour: Stack) -> None:
    settings = neighbour.settings
    client = s3_client(settings, settings.credentials.s3_key, settings.credentials.s3_secret)
    client.put_object(Bucket="daywatch-data", Key="kept", Body=b"kept")
    with _connect(settings.warehouse_dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    assert len(_processes(neighbour.state)) > len(SERVERS)

    assert neighbour.down() is True

    assert _processes(neighbour.state) == []
    assert neighbour.down() is False
    assert all(pid is not None for pid in _pids(stack).values())
    assert neighbour.up(airflow=False) is True
    assert neighbour.settings == settings
    with _connect(settings.warehouse_dsn) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
    assert client.get_object(Bucket="daywatch-data", Key="kept")["Body"].read() == b"kept"


def test_a_taken_port_is_replaced(clone: Path, tmp_path: Path) -> None:
    with temporary_stack(clone, tmp_path / "state") as stack:
        stack.up(airflow=False)
        before = stack.settings
        stack.down()
        with smtplib.socket.create_server((HOST, before.ports["smtp"])):
            stack.up(airflow=False)
            after = stack.settings

    changed = {name for name in before.ports if before.ports[name] != after.ports[name]}
    assert changed == {"smtp"}


def test_delete_leaves_nothing(clone: Path, tmp_path: Path) -> None:
    stack = Stack(clone, tmp_path / "state")
    stack.up(airflow=False)
    note = stack.state / "postgres-folder"
    elsewhere = Path(note.read_text()) if note.exists() else stack.state
    assert note.exists() == (os.geteuid() == 0)

    stack.delete()

    assert not stack.state.exists()
    assert not elsewhere.exists()


def test_a_server_that_cannot_start_is_told_in_a_sentence(clone: Path, tmp_path: Path) -> None:
    with temporary_stack(clone, tmp_path / "state") as stack:
        stack.up(airflow=False)
        stack.down()
        note = stack.state / "postgres-folder"
        folder = Path(note.read_text()) if note.exists() else stack.state / "postgres"
        (folder / "data" / "PG_VERSION").write_text("9\n")

        with pytest.raises(
            StackError, match=r"postgres ended while it was starting(?s:.*)not compatible|initialized by"
        ):
            stack.up(airflow=False)


def test_a_stack_that_was_never_started_says_so(clone: Path, tmp_path: Path) -> None:
    stack = Stack(clone, tmp_path / "state")

    assert stack.status() == []
    assert stack.down() is False
    with pytest.raises(StackError, match=r"has never been started; `make demo` starts it"):
        _ = stack.settings


def test_the_mailbox_answers_without_a_proxy(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{HOST}:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(stack.settings.mailbox_url)

    assert [status.problem for status in stack.status() if status.name in SERVERS] == [None, None, None]
