"""Judged days with causes, recorded as the stage ``record`` does, for tests of incidents."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from daywatch.config.model.model import MonitoredModel
from daywatch.incidents.store import update_incidents
from daywatch.judge.causes.rank import Lacking, ranked_causes
from daywatch.judge.opinion import Opinion
from daywatch.results import State
from daywatch.verdicts import RuleOutcome, Topic, Verdict
from daywatch.warehouse.record import record_window
from models import model as small_model
from recorded import make_results

MISSING = ("null_share", "amount", Topic.DATA)
DRIFT = ("drift_score", "country", Topic.DRIFT)
AUC = ("roc_auc", "", Topic.PERFORMANCE)


def outcome(what: tuple[str, str, Topic], state: State, reason: str = "") -> RuleOutcome:
    """Return the outcome of a rule on a metric and a column."""
    metric, column, topic = what
    text = reason or f"{metric} {column} is {state}"
    return RuleOutcome(
        rule=f"{metric}({column}): red",
        metric=metric,
        column=column,
        state=state,
        reason=text,
        short=text,
        topic=topic,
    )


def verdict(*outcomes: RuleOutcome) -> Verdict:
    """Return the verdict of these outcomes."""
    state = max((one.state for one in outcomes), default=State.GREEN)
    reasons = tuple(one.reason for one in outcomes) or ("all is well",)
    lacking = Lacking(labels=Opinion(State.GREY, "too few labels", "too few labels"))
    causes = ranked_causes(outcomes, (), lacking)
    return Verdict(state=state, reasons=reasons, short=reasons[0], rules=outcomes, causes=causes)


def named(name: str = "shop", **changes: Any) -> MonitoredModel:
    """Return the small model under a name, with other settings of incidents."""
    model = small_model().model_copy(update={"model": name})
    incidents = model.incidents.model_copy(update=changes)
    return model.model_copy(update={"incidents": incidents})


def record_day(
    connection: sa.Connection,
    day: str,
    *outcomes: RuleOutcome,
    model: MonitoredModel | None = None,
    edition: str = "",
) -> None:
    """Record a day with the outcomes of its rules, and what that means for incidents."""
    model = model or named()
    judged = verdict(*outcomes)
    revision = hashlib.sha256(f"{edition}{judged.model_dump_json()}".encode()).hexdigest()[:16]
    record_window(connection, make_results(revision, day, verdict=judged, model=model))
    update_incidents(connection, model)
