"""The client against a server that plays Airflow's part: paging, waiting, errors."""

import json
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from daywatch_demo.stack.airflow_api import AirflowApi
from daywatch_demo.stack.errors import StackError

RUNS = [{"dag_run_id": f"run-{number}", "state": "success"} for number in range(230)]


def _answer(method: str, path: str, body: Any) -> tuple[int, Any]:
    address = urlsplit(path)
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    if address.path == "/auth/token":
        right = body == {"username": "admin", "password": "right"}
        return (201, {"access_token": "token"}) if right else (401, {"detail": "Invalid credentials"})
    if address.path == "/api/v2/dags/many/dagRuns" and method == "GET":
        first = int(query["offset"])
        return 200, {"dag_runs": RUNS[first : first + int(query["limit"])], "total_entries": len(RUNS)}
    if address.path == "/api/v2/dags/slow/dagRuns":
        return 200, {"dag_runs": [{"dag_run_id": "a", "state": "running"}], "total_entries": 1}
    if address.path == "/api/v2/backfills" and method == "GET":
        return 200, {"backfills": [], "total_entries": 0}
    if address.path == "/api/v2/dags":
        return 200, {"dags": [], "total_entries": 0}
    if address.path == "/api/v2/importErrors":
        error = {"filename": "dags/bad.py", "stack_trace": "SyntaxError"}
        return 200, {"import_errors": [error], "total_entries": 1}
    return (200, body) if method == "POST" else (404, {"detail": "not found"})


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        authorised = self.path == "/auth/token" or self.headers["Authorization"] == "Bearer token"
        status, content = _answer(method, self.path, json.loads(raw or b"null")) if authorised else (401, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def api(url: str) -> Iterator[AirflowApi]:
    with AirflowApi(url, "admin", "right") as api:
        yield api


def test_a_wrong_password_is_told(url: str) -> None:
    with pytest.raises(StackError, match=r"refused POST /auth/token with 401: .*Invalid credentials"):
        AirflowApi(url, "admin", "wrong")


def test_no_airflow_is_told() -> None:
    with pytest.raises(StackError, match=r"Airflow at http://127.0.0.1:1 cannot be reached: .* `make demo`"):
        AirflowApi("http://127.0.0.1:1", "admin", "right")


def test_lists_are_read_to_their_end(api: AirflowApi) -> None:
    assert api.runs("many") == RUNS


def test_every_finished_run_is_told_once(api: AirflowApi) -> None:
    assert list(api.watch_runs("many", count=230, seconds=5)) == RUNS


def test_runs_that_do_not_finish_are_told(api: AirflowApi) -> None:
    with pytest.raises(StackError, match=r"0 of 1 runs of slow ended within 0 s: a is running"):
        list(api.watch_runs("slow", count=1, seconds=0))


def test_a_run_has_a_partition_and_no_logical_date(api: AirflowApi) -> None:
    body = api.trigger("d", partition_key="2013-02-09", run_id="r")

    assert body == {"logical_date": None, "partition_key": "2013-02-09", "conf": {}, "dag_run_id": "r"}


def test_a_backfill_covers_both_of_its_days(api: AirflowApi) -> None:
    body = api.backfill("d", date(2013, 2, 1), date(2013, 2, 14))

    assert (body["from_date"], body["to_date"]) == ("2013-02-01T00:00:00Z", "2013-02-14T23:59:59Z")


def test_a_missing_dag_is_told_with_the_import_errors(api: AirflowApi) -> None:
    with pytest.raises(StackError, match=r"does not know the DAG d after 0 s; dags/bad.py: SyntaxError"):
        api.wait_for_dag("d", seconds=0)
