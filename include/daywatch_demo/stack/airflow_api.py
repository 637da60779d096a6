"""The parts of Airflow's REST API that the demonstration and the tests need."""

import time
from collections.abc import Iterator, Mapping
from datetime import date
from types import TracebackType
from typing import Any, Self

import httpx

from daywatch_demo.stack.errors import StackError

_PAGE = 100  # the largest page that Airflow returns
_BACKFILL_SECONDS = 60.0
_FINISHED = frozenset({"success", "failed"})

Json = dict[str, Any]


class AirflowApi:
    """A logged-in client; use it as a context manager.

    Args:
        url: Airflow's address, without a path.
        user: Login name.
        password: Password of the user.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        # Not the environment's proxy: a proxy cannot reach our loopback interface.
        self._client = httpx.Client(base_url=url, timeout=60.0, trust_env=False)
        answer = self._send("POST", "/auth/token", json={"username": user, "password": password})
        self._client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str | int) -> Json:
        """GET `/api/v2/<path>`.

        Raises:
            StackError: Airflow cannot be reached, or answers with an error.
        """
        return self._send("GET", f"/api/v2/{path}", params=parameters)

    def get_all(self, path: str, key: str, **parameters: str | int) -> Iterator[Json]:
        """Yield every item of a list that Airflow returns in pages, under `key`."""
        seen = 0
        while True:
            page = self.get(path, limit=_PAGE, offset=seen, **parameters)
            yield from page[key]
            seen += len(page[key])
            if not page[key] or seen >= page["total_entries"]:
                return

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """POST JSON to `/api/v2/<path>`; raises like `get`."""
        return self._send("POST", f"/api/v2/{path}", json=dict(body))

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        """PATCH `/api/v2/<path>` with JSON; raises like `get`."""
        return self._send("PATCH", f"/api/v2/{path}", json=dict(body))

    def wait_for_dag(self, dag_id: str, seconds: float = 90.0) -> None:
        """Wait until Airflow has read the DAG's file.

        Raises:
            StackError: Airflow has not read it in time; the message has the import errors of all DAG files.
        """
        deadline = time.monotonic() + seconds
        while dag_id not in (dag["dag_id"] for dag in self.get_all("dags", "dags")):
            if time.monotonic() > deadline:
                errors = [
                    f"{error['filename']}: {error['stack_trace']}"
                    for error in self.get_all("importErrors", "import_errors")
                ]
                reason = "\n".join(errors) or "no file has an import error."
                message = f"Airflow does not know the DAG {dag_id} after {seconds:.0f} s; {reason}"
                raise StackError(message)
            time.sleep(1.0)

    def trigger(
        self,
        dag_id: str,
        *,
        partition_key: str | None = None,
        conf: Mapping[str, Any] | None = None,
        run_id: str | None = None,
    ) -> Json:
        """Start a run of one partition now, without a logical date, and return the run."""
        body: Json = {"logical_date": None, "partition_key": partition_key, "conf": dict(conf or {})}
        if run_id is not None:
            body["dag_run_id"] = run_id
        return self.post(f"dags/{dag_id}/dagRuns", body)

    def backfill(
        self,
        dag_id: str,
        first: date,
        last: date,
        *,
        max_active_runs: int = 1,
        reprocess: str = "none",
    ) -> Json:
        """Create a backfill of the days `first` to `last`, both inclusive, and return it.

        Args:
            dag_id: Id of the DAG.
            first: The first day, as the timetable counts days: for a partitioned DAG, the day of the partition.
            last: The last day.
            max_active_runs: The number of runs that may run at the same time.
            reprocess: What happens to days that have a run: `none`, `failed` or `completed`.

        Raises:
            StackError: Airflow refuses it, or an earlier backfill of the DAG still runs.
        """
        self._wait_for_backfills(dag_id)
        return self.post(
            "backfills",
            {
                "dag_id": dag_id,
                "from_date": f"{first.isoformat()}T00:00:00Z",
                "to_date": f"{last.isoformat()}T23:59:59Z",
                "max_active_runs": max_active_runs,
                "reprocess_behavior": reprocess,
            },
        )

    def _wait_for_backfills(self, dag_id: str) -> None:
        """Wait for earlier backfills: Airflow allows one for each DAG, and notices the end only every 30 s."""
        deadline = time.monotonic() + _BACKFILL_SECONDS
        while any(
            backfill["completed_at"] is None
            for backfill in self.get_all("backfills", "backfills", dag_id=dag_id)
        ):
            if time.monotonic() > deadline:
                message = f"A backfill of {dag_id} still runs after {_BACKFILL_SECONDS:.0f} s; wait for it."
                raise StackError(message)
            time.sleep(1.0)

    def runs(self, dag_id: str) -> list[Json]:
        """Return all runs of a DAG, oldest first."""
        return list(self.get_all(f"dags/{dag_id}/dagRuns", "dag_runs", order_by="id"))

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        """Return the task instances of one run."""
        return list(self.get_all(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances"))

    def watch_runs(self, dag_id: str, count: int, seconds: float) -> Iterator[Json]:
        """Yield each run of a DAG as it finishes, until `count` runs have.

        Raises:
            StackError: Fewer runs have finished after `seconds`.
        """
        finished: set[str] = set()
        deadline = time.monotonic() + seconds
        while True:
            runs = self.runs(dag_id)
            for run in runs:
                if run["state"] in _FINISHED and run["dag_run_id"] not in finished:
                    finished.add(run["dag_run_id"])
                    yield run
            if len(finished) >= count:
                return
            if time.monotonic() > deadline:
                states = ", ".join(f"{run['dag_run_id']} is {run['state']}" for run in runs) or "it has none"
                message = (
                    f"{len(finished)} of {count} runs of {dag_id} ended within {seconds:.0f} s: {states}."
                )
                raise StackError(message)
            time.sleep(1.0)

    def _send(self, method: str, path: str, **content: Any) -> Json:
        try:
            response = self._client.request(method, path, **content)
        except httpx.TransportError as error:
            message = f"Airflow at {self._client.base_url} cannot be reached: {error}. `make demo` starts it."
            raise StackError(message) from error
        if response.is_error:
            message = f"Airflow refused {method} {path} with {response.status_code}: {response.text[:500]}"
            raise StackError(message)
        answer: Json = response.json()
        return answer
