"""The days of the demonstration in Airflow: baselines, backfills, single days, retraining."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from daywatch_demo.stack.errors import StackError

if TYPE_CHECKING:
    from daywatch_demo.monitored import Monitored
    from daywatch_demo.stack.airflow_api import AirflowApi

Step = Callable[[str], None]
"""Says what has been done of a step."""

RUN_SECONDS = 900
PAUSE = 1.0
"""Seconds between two looks at Airflow's runs."""


def build_baselines(api: AirflowApi, monitored: Sequence[Monitored]) -> None:
    """Let Airflow build the baselines, unless an earlier demonstration has built them.

    Raises:
        StackError: A baseline could not be built.
    """
    dags = [f"baseline__{one.name}" for one in monitored]
    for dag in dags:
        api.wait_for_dag(dag)
    missing = [dag for dag in dags if not any(run["state"] == "success" for run in api.runs(dag))]
    for dag in missing:
        api.trigger(dag)
    for dag in missing:
        _all_succeeded(list(api.watch_runs(dag, len(api.runs(dag)), RUN_SECONDS))[-1:])


def backfill(api: AirflowApi, monitored: Sequence[Monitored], step: Step) -> None:
    """Let Airflow's scheduler judge the days that need no other version, except those that have succeeded.

    Raises:
        StackError: A run failed, or did not end in time.
    """
    days = {one.name: _days_between(one.first, one.backfilled_until) for one in monitored}
    for one in monitored:
        dag = f"monitor__{one.name}"
        api.wait_for_dag(dag)
        if _missing(api, one.name, days[one.name]):
            api.backfill(dag, one.first, one.backfilled_until, max_active_runs=2, reprocess="failed")
    _wait(api, days, step)


def judge_after_retraining(api: AirflowApi, one: Monitored, deploy: Callable[[], str], step: Step) -> None:
    """Judge the day whose verdict leads to a better version, let that version serve, and judge the days after.

    Args:
        api: Airflow.
        one: The model.
        deploy: Lets the promoted version serve, and says so.
        step: Called with what has been done.

    Raises:
        StackError: A run failed, or did not end in time.
    """
    if one.retrained_on is None:
        return
    _judge(api, one.name, (one.retrained_on,), step)
    wait_for_retraining(api, one)
    if _missing(api, one.name, one.days_after):
        step(deploy())
        _judge(api, one.name, one.days_after, step)


def wait_for_retraining(api: AirflowApi, one: Monitored) -> None:
    """Wait for the retraining runs that the verdicts of a model triggered.

    Raises:
        StackError: One failed, or did not end in time.
    """
    if one.retrains:
        dag = f"retrain__{one.name}"
        _all_succeeded(list(api.watch_runs(dag, len(api.runs(dag)), RUN_SECONDS)))


def _judge(api: AirflowApi, name: str, days: Sequence[date], step: Step) -> None:
    """Start a run of each day that has not succeeded, and wait for all."""
    for day in _missing(api, name, days):
        api.trigger(f"monitor__{name}", partition_key=day.isoformat())
    _wait(api, {name: days}, step)


def _missing(api: AirflowApi, name: str, days: Iterable[date]) -> list[date]:
    """Return the days of which no run has succeeded."""
    newest = _newest_by_window(api, name)
    return [day for day in days if newest.get(day.isoformat(), {}).get("state") != "success"]


def _wait(api: AirflowApi, days: Mapping[str, Sequence[date]], step: Step) -> None:
    """Wait until all days are judged."""
    wanted = {(name, day.isoformat()) for name, of_model in days.items() for day in of_model}
    ended: dict[tuple[str, str], dict[str, str]] = {}
    deadline = time.monotonic() + RUN_SECONDS
    while len(ended) < len(wanted) and time.monotonic() < deadline:
        for name in days:
            for window, run in _newest_by_window(api, name).items():
                key = (name, window)
                if run["state"] in ("success", "failed") and key in wanted and key not in ended:
                    ended[key] = run
                    step(f"{len(ended)} of {len(wanted)}, {name} {window} {run['state']}")
        if len(ended) < len(wanted):
            time.sleep(PAUSE)
    if len(ended) < len(wanted):
        message = (
            f"{len(ended)} of {len(wanted)} days were judged within {RUN_SECONDS} s; the others continue in Airflow. "
            "Run `make demo` again when they have ended."
        )
        raise StackError(message)
    _all_succeeded(list(ended.values()))


def _newest_by_window(api: AirflowApi, name: str) -> dict[str, dict[str, str]]:
    """Return the newest run of each window: Airflow keeps a failed run next to the one that repeats it."""
    return {run["partition_key"]: run for run in api.runs(f"monitor__{name}")}


def _days_between(first: date, last: date) -> tuple[date, ...]:
    return tuple(date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))


def _all_succeeded(runs: list[dict[str, str]]) -> None:
    """Raise a StackError if a run failed."""
    failed = [run["dag_run_id"] for run in runs if run["state"] != "success"]
    if failed:
        message = f"These runs failed: {', '.join(failed)}. Their logs in the Airflow UI give the reason."
        raise StackError(message)
