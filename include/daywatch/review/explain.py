"""The chain of one stored verdict: evidence, rules in the order of causes, thresholds, what did not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from daywatch.config.model.plan import STANDARD
from daywatch.errors import SetupError
from daywatch.formatting import plural
from daywatch.ingest.intake_sentences import intake_sentences
from daywatch.judge.evidence import read_evidence
from daywatch.results import Record, State
from daywatch.review.excused import Excused, excused_numbers
from daywatch.review.thresholds import Compared, compared_numbers
from daywatch.stages.stored_run import stored_run
from daywatch.storage import open_storage
from daywatch.verdicts import RuleOutcome, Verdict, VerdictCause, causes_first

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.judge.evidence import Evidence
    from daywatch.window import Window


class Explanation(Record):
    """The chain of a verdict.

    Attributes:
        model: Name of the model.
        window: Key of the window.
        revision: The revision that is explained, the newest.
        baseline_id: The baseline that the window was compared with.
        state: The state.
        reasons: The reasons, the first cause first.
        causes: What made the window RED, AMBER or GREY, each followed by what follows from it.
        evidence: What was read, validated and measured, a sentence each.
        rules: The outcomes of all rules: RED and AMBER in the order of causes, then GREY, then GREEN.
        excused: Numbers beyond their threshold that are no alert.
        thresholds: All numbers that have a threshold, those beyond it first.
    """

    model: str
    window: str
    revision: str
    baseline_id: str
    state: State
    reasons: tuple[str, ...]
    causes: tuple[VerdictCause, ...]
    evidence: tuple[str, ...]
    rules: tuple[RuleOutcome, ...]
    excused: tuple[Excused, ...]
    thresholds: tuple[Compared, ...]


def explain(model: MonitoredModel, window: Window, deployment: Deployment) -> Explanation:
    """Explain the newest verdict of a window from what is stored.

    Args:
        model: The model's configuration.
        window: The window.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        SetupError: The window was not judged, or its results are no longer stored.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    run = stored_run(model.model, window, deployment)
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    try:
        verdict = Verdict.model_validate_json(artifacts.read(run.folder.verdict))
        was_standard = any(one.rule.startswith(f"{STANDARD}: ") for one in verdict.rules)
        # The plan of the day counts, which may have been another one than that of the file.
        plan = model.plan.model_copy(update={"preset": STANDARD if was_standard else None})
        evidence = read_evidence(run, artifacts, model.model_copy(update={"plan": plan}))
    except (FileNotFoundError, ValidationError) as error:
        gone = "are no longer stored" if isinstance(error, FileNotFoundError) else "are of another version"
        msg = (
            f"The results of {model.model!r} {window} in {artifacts.address(run.folder.prefix)} {gone}: run "
            f"`daywatch run --model {model.model} --window {window}`, or choose another day."
        )
        raise SetupError(msg) from error
    thresholds = compared_numbers(evidence)
    bad = causes_first(verdict.rules)
    green = sorted((one for one in verdict.rules if one.state is State.GREEN), key=lambda one: one.topic.rank)
    return Explanation(
        model=model.model,
        window=window.key,
        revision=run.revision,
        baseline_id=run.baseline_id,
        state=verdict.state,
        reasons=verdict.reasons,
        causes=verdict.causes,
        evidence=_evidence(evidence),
        rules=(*bad, *green),
        excused=tuple(excused_numbers(thresholds, verdict.rules, evidence.findings)),
        thresholds=thresholds,
    )


def _evidence(evidence: Evidence) -> tuple[str, ...]:
    results = evidence.validation.results
    failed = sum(one.success is not True for one in results)
    missing = sum(one.value is None for one in evidence.metrics)
    return (
        *intake_sentences(evidence.counts),
        f"{plural(evidence.baseline_profile.rows, 'row')} in the baseline",
        f"{plural(len(results), 'expectation')}, {failed} not met",
        f"{plural(len(evidence.metrics), 'metric')}, {missing} without a value",
        plural(len(evidence.findings), "finding"),
    )
