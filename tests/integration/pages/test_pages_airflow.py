"""The plugin inside a real Airflow: who gets in, what an api-server knows, where the tabs lead."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urljoin

import httpx
import pytest
from daywatch.config.deployment.deployment import Deployment
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import incident
from daywatch_demo.stack.environment import process_environment
from daywatch_demo.stack.stack import Stack

from .conftest import RED, SECRET, deployment_of

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
WINDOW = "/daywatch/flights/2013-02-09"
REPORT = f"{WINDOW}/{RED.revision}/report.html"
EVIDENTLY = REPORT.replace("report", "evidently")
PAGES = [
    "/daywatch/",
    "/daywatch/flights",
    WINDOW,
    f"{WINDOW}?known_on=2100-01-01",
    f"{WINDOW}/{RED.revision}/evidently",
    REPORT,
    EVIDENTLY,
    "/daywatch/flights/inferences",
    "/daywatch/flights/inferences.csv",
    "/daywatch/flights/retraining",
    "/daywatch/-/incidents",
    "/daywatch/-/dags/monitor__flights",
    "/daywatch/-/runs/monitor__flights/run",
]
TRAVERSALS = [
    f"/daywatch/flights/2013-02-09/{RED.revision}/../../../../../../etc/passwd",
    f"/daywatch/flights/2013-02-09/{RED.revision}/..%2f..%2fverdict.json",
    f"/daywatch/%2e%2e/daywatch/flights/2013-02-09/{RED.revision}/report.html%00",
    "/daywatch/..%5c..%5cetc/2013-02-09/0000000000000000/report.html",
    "/daywatch/openapi.json",
    "/daywatch/no/such/page",
]


@pytest.fixture(scope="module")
def signed_in(stack: Stack) -> Iterator[httpx.Client]:
    """A client with the cookie that a browser has after signing in."""
    settings = stack.settings
    form = {"username": "admin", "password": settings.credentials.airflow_password}
    with httpx.Client(base_url=settings.airflow_url, trust_env=False, timeout=30) as client:
        token = client.post("/auth/token", json=form).json()["access_token"]
        client.cookies.set("_token", token)
        yield client


def _ask(stack: Stack, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """Send a path as it is: clients for people tidy dots away."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.settings.ports["airflow"], timeout=30)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize("path", [*PAGES, *TRAVERSALS])
def test_nobody_gets_in_without_signing_in(stack: Stack, path: str) -> None:
    anonymous = _ask(stack, path, {})
    forged = _ask(stack, path, {"Cookie": "_token=eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."})

    assert (anonymous.status, forged.status) == (401, 403)
    for answer in (anonymous, forged):
        assert "Sign in" in answer.read().decode()


@pytest.mark.parametrize("path", [*PAGES, "/daywatch/flights?to=2013-02-09"])
def test_a_browser_is_led_to_the_login_and_back(stack: Stack, path: str) -> None:
    answer = _ask(stack, path, {"Accept": "text/html,application/xhtml+xml"})

    assert answer.status == 303
    assert answer.headers["Location"] == f"/api/v2/auth/login?next={quote(path, safe='')}"
    login = httpx.get(
        stack.settings.airflow_url + answer.headers["Location"], trust_env=False, follow_redirects=True
    )
    assert login.status_code == 200
    assert login.url.params["next"] == path


@pytest.mark.parametrize("path", ["/daywatch/", "/daywatch/flights", WINDOW, REPORT, EVIDENTLY])
def test_whoever_is_signed_in_sees_the_pages(signed_in: httpx.Client, path: str) -> None:
    answer = signed_in.get(path)

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == (
        "no-referrer" if path in (REPORT, EVIDENTLY) else "same-origin"
    )
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_documents_come_from_the_object_store(signed_in: httpx.Client) -> None:
    assert "<title>report 2013-02-09</title>" in signed_in.get(REPORT).text
    assert "<title>evidently 2013-02-09</title>" in signed_in.get(EVIDENTLY).text
    assert signed_in.get(REPORT.replace(RED.revision, "0" * 16)).status_code == 404


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_the_documents(stack: Stack, signed_in: httpx.Client, path: str) -> None:
    answer = _ask(stack, path, {"Cookie": f"_token={signed_in.cookies['_token']}"})

    assert answer.status == 404
    assert "There is no such page." in answer.read().decode()


def test_the_run_tab_leads_to_the_window(stack: Stack, signed_in: httpx.Client) -> None:
    with stack.api() as api:
        api.wait_for_dag("monitor__flights")
        runs = {
            key: api.trigger("monitor__flights", partition_key=key) for key in ("2013-02-09", "2013-02-10")
        }
        runs[""] = api.trigger("monitor__flights")
        retrain = api.trigger("retrain__flights")

    def tab(run: dict[str, str]) -> httpx.Response:
        return signed_in.get(f"/daywatch/-/runs/{run['dag_id']}/{quote(run['dag_run_id'], safe='')}")

    assert tab(runs["2013-02-09"]).headers["location"] == WINDOW
    for key in ("2013-02-10", ""):
        assert tab(runs[key]).status_code == 404
        assert "The window of this run has not been judged yet." in tab(runs[key]).text
    assert "Only runs of the monitoring DAGs" in tab(retrain).text
    assert "Airflow has no such run" in signed_in.get("/daywatch/-/runs/monitor__flights/none").text


def test_the_dag_tab_leads_to_the_model(signed_in: httpx.Client) -> None:
    assert signed_in.get("/daywatch/-/dags/monitor__flights").headers["location"] == "/daywatch/flights"
    assert signed_in.get("/daywatch/-/dags/retrain__flights").headers["location"] == "/daywatch/flights"
    assert signed_in.get("/daywatch/-/dags/foreign").status_code == 404


def test_airflow_shows_the_entries_and_no_import_error(signed_in: httpx.Client) -> None:
    plugins = signed_in.get("/api/v2/plugins").json()["plugins"]
    (ours,) = [plugin for plugin in plugins if plugin["name"] == "daywatch_pages"]

    assert [view["destination"] for view in ours["external_views"]] == ["nav", "dag", "dag_run"]
    assert signed_in.get("/api/v2/plugins/importErrors").json()["total_entries"] == 0


def test_the_list_holds_what_the_user_may_read(signed_in: httpx.Client, stack: Stack) -> None:
    with stack.api() as api:
        api.wait_for_dag("monitor__secret")

    html = signed_in.get("/daywatch/").text

    assert ">flights</a>" in html
    assert ">secret</a>" in html


def test_connections_and_rights_on_dags_hold_below_a_path(stack: Stack) -> None:
    with stack.api() as api:
        for name in ("daywatch_warehouse", "daywatch_s3"):
            connection = json.loads(stack.environment[f"AIRFLOW_CONN_{name.upper()}"])
            extra = json.dumps(connection.pop("extra", {}))
            api.post("connections", {**connection, "connection_id": name, "extra": extra})
        api.wait_for_dag("monitor__secret")
    own = {name: value for name, value in stack.environment.items() if not name.startswith("AIRFLOW_CONN_")}
    own["AIRFLOW__CORE__AUTH_MANAGER"] = "other_server.SomeDags"
    own["AIRFLOW__API__BASE_URL"] = "http://testserver/airflow"
    own["TEST_PASSWORD"] = stack.settings.credentials.airflow_password
    own["PYTHONPATH"] = os.pathsep.join([own["PYTHONPATH"], str(HERE)])
    secret = f"/airflow/daywatch/secret/2013-02-09/{SECRET.revision}/report.html"
    report = f"/airflow{REPORT}"
    airflows_own = ["/airflow/", "/airflow/api/v2/plugins"]
    hidden = [
        "/airflow/daywatch/secret",
        "/airflow/daywatch/secret/2013-02-09",
        secret,
        "/airflow/daywatch/secret/inferences",
        "/airflow/daywatch/secret/inferences.csv",
        "/airflow/daywatch/-/dags/monitor__secret",
        "/airflow/daywatch/-/runs/monitor__secret/x",
    ]

    result = subprocess.run(
        [sys.executable, str(HERE / "other_server.py"), "/airflow/daywatch/", report, *airflows_own, *hidden],
        env=process_environment(own),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr[-2000:]
    answers = json.loads(result.stdout.splitlines()[-1])
    assert answers["/airflow/daywatch/"][0] == 200
    assert ">flights</a>" in answers["/airflow/daywatch/"][1]
    assert ">secret</a>" not in answers["/airflow/daywatch/"][1]
    assert answers[report][0] == 200
    assert [answers[path][0] for path in hidden] == [403] * 7
    assert "Your account may not see this page" in answers[secret][1]

    # Airflow's page resolves the address of an entry with its <base>, and the login accepts it.
    base = re.findall('<base href="([^"]+)"', answers["/airflow/"][1])[0]
    (ours,) = [
        plugin
        for plugin in json.loads(answers["/airflow/api/v2/plugins"][1])["plugins"]
        if plugin["name"] == "daywatch_pages"
    ]
    assert [urljoin(base, view["href"]) for view in ours["external_views"]] == [
        "/airflow/daywatch/",
        "/airflow/daywatch/-/dags/{DAG_ID}",
        "/airflow/daywatch/-/runs/{DAG_ID}/{RUN_ID}",
    ]
    assert 'href="/airflow/daywatch/flights"' in answers["/airflow/daywatch/"][1]
    assert answers["login"][0] == 307


def _open_incident(deployment: Deployment) -> None:
    """Store an incident of the readable model under the id that the routes are asked for."""
    day = datetime(2013, 2, 9, tzinfo=UTC)
    text = ("fingerprint", "name", "column_name", "slice", "feed", "sentence", "parent_id", "acknowledged_by")
    with transaction(deployment.warehouse_url) as connection:
        row = dict.fromkeys(text, "") | {"state": "RED", "worst": "RED", "kind": "data", "is_open": True}
        row |= {"incident_id": f"{'0' * 12}-2013-02-09", "cause_key": "0" * 12, "model": "flights"}
        row |= {"first_window": day, "last_window": day, "windows": 1, "reopenings": 0}
        connection.execute(incident.insert(), row)


def test_every_route_asks_for_the_right_that_it_needs(stack: Stack, tmp_path: Path) -> None:
    _open_incident(deployment_of(stack))
    passwords = {"vera": "v", "rita": "r", "edda": "e"}
    (tmp_path / "passwords.json").write_text(json.dumps({**passwords, "admin": "a"}))
    own = {
        **stack.environment,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,vera:viewer,rita:user,edda:user",
        "AIRFLOW__CORE__AUTH_MANAGER": "rights.SomeStartRuns",
        "PYTHONPATH": os.pathsep.join([stack.environment["PYTHONPATH"], str(HERE)]),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(tmp_path / "passwords.json"),
        "TEST_PASSWORDS": json.dumps(passwords),
    }

    result = subprocess.run(
        [sys.executable, str(HERE / "rights.py")],
        env=process_environment(own),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr[-2000:]
    routes = json.loads(result.stdout.splitlines()[-1])
    print(
        "method path nobody viewer starts_no_run editor elsewhere",
        *(" ".join(map(str, one)) for one in routes),
        sep="\n",
    )
    assert len(routes) >= 20
    for method, path, nobody, viewer, starts_no_run, editor, elsewhere in routes:
        if path == "/metrics":  # a token of its own, which this deployment has not
            assert {nobody, viewer, starts_no_run, editor, elsewhere} == {503}
            continue
        assert nobody == 401, path
        assert editor not in (401, 403, 500), path
        assert starts_no_run == (403 if path.endswith("/judge") else editor), path
        if method == "GET":
            assert viewer == elsewhere == editor, path
        else:
            assert (viewer, elsewhere) == (403, 403), path


def test_a_storage_that_is_away_is_one_sentence(stack: Stack, signed_in: httpx.Client) -> None:
    """Last: it stops a server."""
    from daywatch_demo.stack.s3 import ObjectStore

    ObjectStore(stack.settings).stop()
    begun = time.monotonic()

    answer = signed_in.get(REPORT, timeout=60)

    assert answer.status_code == 503
    assert "The warehouse or the storage of the reports does not answer" in answer.text
    assert "127.0.0.1" not in answer.text
    assert time.monotonic() - begun < 45
