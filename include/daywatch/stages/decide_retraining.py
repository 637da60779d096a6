"""The stage ``decide_retraining``: decide, and store the decision with every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.errors import InfrastructureError, SetupError
from daywatch.ingest.export_counts import read_counts
from daywatch.results import Record
from daywatch.retrain.decide import Answer, RetrainingDecision, decide
from daywatch.retrain.evidence import PastRetraining, Request, RetrainingEvidence, Trigger
from daywatch.run import WindowRun
from daywatch.stages.workspace import StageClock, open_workspace
from daywatch.storage import open_storage
from daywatch.verdicts import Verdict
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_run
from daywatch.warehouse.record import record_model
from daywatch.warehouse.retrainings import (
    decided_retrainings,
    last_trained,
    store_decision,
    trained_version,
    unused_labels,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.warehouse.tables import Row
    from daywatch.window import Window


def decide_retraining(
    run: WindowRun, deployment: Deployment, request: Request, *, store: bool = True
) -> RetrainingDecision:
    """Decide whether the model is retrained because of a window, and store why or why not.

    A revision's verdict is decided on once: again, the stored decision counts. It leads to one training, whatever
    revisions of the window are judged RED and whatever Airflow remembers. A person may ask again.

    Args:
        run: The window's run.
        deployment: Addresses and connections of storage and warehouse.
        request: What asks for the decision, and when.
        store: Whether a training may follow; a stored yes counts as one that is running.

    Raises:
        SetupError: A person asks for it, and the model has no trainer.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    clock = StageClock("decide_retraining", f"{run.model} {run.window}")
    with open_workspace(run, deployment) as workspace:
        verdict = workspace.read(Verdict, run.folder.verdict)
        counts = read_counts(workspace.artifacts, run.folder.export)
        model = workspace.model
    with transaction(deployment.warehouse_url) as connection:
        # This locks the model's row: two windows at the same time must not both find that nothing is running.
        record_model(connection, model)
        decision = decide(run, verdict, model, _evidence(connection, run, counts), request)
        row = {
            **decision.model_dump(mode="json", exclude={"answer"}),
            "decision": decision.answer.value,
            "decided_at": request.at,
        }
        again = request.trigger is Trigger.PERSON
        stored = decision_of(store_decision(connection, run, row, again=again)) if store else decision
    unmet = {one.name for one in decision.conditions if not one.met}
    if stored.wanted and unmet & {"first_time", "allowed"}:
        # The training that it led to has ended, or somebody has forbidden it since.
        stored = decision
    clock.done(f"{stored.answer}, {stored.reason}")
    return stored


class Question(Record):
    """A decision together with what a person needs to approve it.

    Attributes:
        run: The run of the window that the decision is about.
        decision: The decision.
        report: The window's report as plain text; empty where nobody is asked.
    """

    run: WindowRun
    decision: RetrainingDecision
    report: str


def question(
    model: str, window: Window | None, deployment: Deployment, request: Request, *, store: bool = True
) -> Question:
    """Return the decision on a judged window; it is made now unless a verdict's decision is stored.

    Args:
        model: Name of the model.
        window: The window; None for the latest judged one.
        deployment: Addresses and connections of storage and warehouse.
        request: What asks for the decision, and when.
        store: Whether the decision is stored, because a training may follow.

    Raises:
        SetupError: The window is not judged, or the model has no trainer.
        InfrastructureError: The storage or the warehouse did not answer, or a person has to approve the training and
            the report is not written yet.
    """
    with transaction(deployment.warehouse_url) as connection:
        run = judged_run(connection, model, window)
    if run is None:
        day = "has no judged window" if window is None else f"has no verdict on {window}"
        example = "2013-02-09" if window is None else window
        msg = f"The model {model!r} {day}: judge it first, with `daywatch run --model {model} --window {example}`."
        raise SetupError(msg)
    decision = decide_retraining(run, deployment, request, store=store)
    report = _report(run, deployment) if decision.answer is Answer.ASK else ""
    return Question(run=run, decision=decision, report=report)


def _report(run: WindowRun, deployment: Deployment) -> str:
    """Return a window's report as plain text, which is written at the same time as the training starts.

    Raises:
        InfrastructureError: It is not there yet.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    try:
        return artifacts.read(run.folder.report_text).decode()
    except FileNotFoundError as error:
        address = artifacts.address(run.folder.report_text)
        msg = f"The report {address} is not written yet; a retry looks again, once the stage report has run."
        raise InfrastructureError(msg) from error


def decision_of(row: Row) -> RetrainingDecision:
    """Return a decision from its stored row.

    Args:
        row: A row of the table ``retraining``.
    """
    fields = {name: row[name] for name in RetrainingDecision.model_fields if name in row}
    return RetrainingDecision.model_validate({**fields, "answer": Answer(row["decision"])})


def _evidence(connection: sa.Connection, run: WindowRun, counts: ExportCounts) -> RetrainingEvidence:
    past = decided_retrainings(connection, run.model)
    return RetrainingEvidence(
        rows=counts.rows,
        labelled=counts.labelled,
        unused=unused_labels(connection, run.model, run.window.end),
        past=tuple(
            PastRetraining(
                start=row["window_start"],
                run_id=row["run_id"],
                outcome=row["outcome"],
                asked=row["decision"] == Answer.ASK,
                decided_at=row["decided_at"],
            )
            for row in past
        ),
        trained_until=last_trained(connection, run.model),
        version=trained_version(connection, run.model, run.window),
    )
