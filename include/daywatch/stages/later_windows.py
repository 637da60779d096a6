"""The windows after one that is recorded: judged again where it changes what they are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.revision import judged_by
from daywatch.stages.history import fingerprint_of, history_of
from daywatch.stages.judge import judge_by_history
from daywatch.verdicts import Verdict
from daywatch.warehouse.later_windows import later_windows, store_reported
from daywatch.warehouse.record import replace_judgement, window_key
from daywatch.warehouse.window_results import Judgement

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.config.model.model import MonitoredModel
    from daywatch.judge.evidence import Evidence
    from daywatch.measure.service.past_windows import PastWindows
    from daywatch.storage import Storage
    from daywatch.warehouse.later_windows import LaterWindow
    from daywatch.window import Window


def judge_later_windows(
    connection: sa.Connection, model: MonitoredModel, window: Window, artifacts: Storage
) -> int:
    """Judge the recorded windows after a window again whose history is another one now, the earliest first.

    A window that another plan or other code judged stays as it is: its revision says by what it was judged. So does a
    window whose files are no longer stored.

    Args:
        connection: Connection to the warehouse, inside a transaction that holds the model's row.
        model: The model's configuration.
        window: The window that was recorded.
        artifacts: The storage of the artifacts.

    Returns:
        How many windows were judged again.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    now, again = judged_by(model), 0
    for later in later_windows(connection, model.model, window):
        if later.judged_by == now:
            past = history_of(connection, model, later.run.window, later.labelled, later.rows)
            if fingerprint_of(past) != later.history and artifacts.exists(later.run.folder.measurement):
                _judge_again(connection, model, later, past, artifacts)
                again += 1
    return again


def judgement_of(evidence: Evidence, verdict: Verdict, past: PastWindows, model: MonitoredModel) -> Judgement:
    """Return what is stored of a window that depends on its plan and on the windows before.

    Args:
        evidence: The window's evidence.
        verdict: The verdict on it.
        past: The windows before.
        model: The model's configuration.
    """
    return Judgement(
        metrics=evidence.metrics,
        findings=evidence.findings,
        verdict=verdict,
        profile_drifts=evidence.profile_drifts,
        history=fingerprint_of(past),
        judged_by=judged_by(model),
    )


def _judge_again(
    connection: sa.Connection,
    model: MonitoredModel,
    later: LaterWindow,
    past: PastWindows,
    artifacts: Storage,
) -> None:
    """Judge a window by its history of now; its report is due again where the verdict is another one."""
    run = later.run
    before = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
    evidence, verdict = judge_by_history(connection, run, model, past, artifacts)
    judgement = judgement_of(evidence, verdict, past, model)
    replace_judgement(connection, window_key(run.model, run.window, run.revision), judgement)
    if verdict == before and later.reported_history == later.history:
        store_reported(connection, run, judgement.history)
