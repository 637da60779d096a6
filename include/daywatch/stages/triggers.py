"""The DAGs of yours that an incident triggers: each once an incident, whatever is tried again or judged again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.config.loading.load import find_model
from daywatch.incidents.names import name_of_start, parts_of, start_named
from daywatch.incidents.news import news_of
from daywatch.incidents.store import digest_of
from daywatch.incidents.types import EventKind
from daywatch.results import Record, State
from daywatch.stages.workspace import StageClock
from daywatch.warehouse.database import transaction
from daywatch.warehouse.incident_tables import alert_delivery, incident
from daywatch.warehouse.record import insert_if_new

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.alerts import On
    from daywatch.incidents.news import IncidentOfWindow
    from daywatch.run import WindowRun

_WHAT = {EventKind.OPENED: "opened", EventKind.REOPENED: "reopened", EventKind.CLOSED: "closed"}


class Triggered(Record):
    """A run of a DAG that an incident triggers.

    Attributes:
        dag: Id of the DAG.
        run_id: Id of the run: the same for the same incident and the same reason.
        conf: What the run gets: model, window, incident, what happened, state and cause.
    """

    dag: str
    run_id: str
    conf: dict[str, str]


def incident_triggers(run: WindowRun, deployment: Deployment) -> list[Triggered]:
    """Return the runs that a window's incidents trigger, and store them before anybody starts them.

    A run that was stored before comes again under its id, also where the incident begins earlier now: Airflow has a
    run of an id once. So a process that is killed before, while or after it starts a run starts it once.

    Args:
        run: The window's run.
        deployment: Where the models' files and the warehouse are.
    """
    clock = StageClock("on_incident", f"{run.model} {run.window}")
    on = find_model(run.model, deployment.models).on
    found: list[Triggered] = []
    with transaction(deployment.warehouse_url) as connection:
        for one in news_of(connection, run.model, run.window, run.window.end).incidents:
            for what, dag in _wanted(on, one):
                run_id = _stored_run(connection, run.model, one, what, dag)
                conf = {
                    "model": run.model,
                    "window": run.window.key,
                    "incident": one.incident_id,
                    "what": what,
                    "state": str(one.state),
                    "cause": one.sentence,
                }
                found.append(Triggered(dag=dag, run_id=run_id, conf=conf))
    clock.done(f"{len(found)} runs", runs=len(found))
    return found


def _wanted(on: On, one: IncidentOfWindow) -> Iterator[tuple[str, str]]:
    """Yield what an incident triggers: the reason as a word, and the DAG."""
    if one.is_open:
        for state, dags in ((State.RED, on.red), (State.AMBER, on.amber)):
            if state in one.states:
                yield from ((state.lower(), dag) for dag in dags)
    if one.happened in _WHAT:
        yield from ((_WHAT[one.happened], dag) for dag in on.change)


def _stored_run(connection: sa.Connection, model: str, one: IncidentOfWindow, what: str, dag: str) -> str:
    """Return the id of the run that an incident triggers, the one that is stored where it was triggered before."""
    table = alert_delivery
    key, _ = parts_of(one.incident_id)
    of_cause = f"daywatch__{model}__{key}-"
    stored = sa.select(table.c.subject).where(
        table.c.receiver == dag, table.c.model == model, table.c.subject.startswith(of_cause, autoescape=True)
    )
    span = sa.select(incident.c.first_window, incident.c.last_window).where(
        incident.c.incident_id == one.incident_id, incident.c.model == model
    )
    first, last = connection.execute(span).one()
    for subject in sorted(connection.execute(stored).scalars()):
        day, _, reason = subject.removeprefix(of_cause).partition("__")
        if reason == what and first <= start_named(day) <= last:
            return str(subject)
    run_id = f"{of_cause}{name_of_start(one.first_window)}__{what}"
    row = {"message_key": digest_of("trigger", run_id), "receiver": dag, "subject": run_id, "model": model}
    insert_if_new(connection, table, row)
    return run_id
