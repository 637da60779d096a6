"""What a retraining is decided on: who asks, the labels, the retrainings before; and a condition with its reason."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from daywatch.results import Record


class Trigger(StrEnum):
    """What asks for a retraining."""

    VERDICT = "verdict"
    PERSON = "person"


class Outcome(StrEnum):
    """What came of a retraining: the new version is better, or the one in production is kept.

    ``trained`` is what came of those before Daywatch compared versions.
    """

    PROMOTED = "promoted"
    KEPT = "kept"
    TRAINED = "trained"
    REJECTED = "rejected"
    FAILED = "failed"


class Condition(Record):
    """Something that a retraining needs.

    Attributes:
        name: The condition, such as ``cooldown``.
        met: Whether it holds.
        reason: Why, in a sentence.
    """

    name: str
    met: bool
    reason: str


class PastRetraining(Record):
    """A retraining that was decided on.

    Attributes:
        start: Start of its window.
        run_id: Id of its run.
        outcome: What came of it, None where that is not known yet.
        asked: Whether it had to be approved first.
        decided_at: Time of the decision, None for those before Daywatch stored it.
    """

    start: datetime
    run_id: str
    outcome: Outcome | None
    asked: bool
    decided_at: datetime | None


class RetrainingEvidence(Record):
    """What a decision is based on, next to the verdict and the configuration.

    Attributes:
        rows: Number of rows of the window.
        labelled: Number of rows of the window that have a label.
        unused: Number of labelled rows up to the window that no training has used.
        past: The retrainings that were decided on.
        trained_until: End of the last window that a version was trained on, None where none was trained.
        version: The version that an earlier decision on this window led to, None where there is none.
    """

    rows: int
    labelled: int
    unused: int
    past: tuple[PastRetraining, ...] = ()
    trained_until: datetime | None = None
    version: str | None = None


class Request(Record):
    """What asks for the decision.

    Attributes:
        trigger: A verdict, or a person.
        at: Time of the decision.
        by: The person.
        run_id: Id of the run that a person has started; empty for the id of a verdict's run.
        force: Why a person wants the retraining even if conditions do not hold; empty to respect them.
    """

    trigger: Trigger = Trigger.VERDICT
    at: datetime
    by: str = ""
    run_id: str = ""
    force: str = ""
