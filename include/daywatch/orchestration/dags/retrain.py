"""The DAG ``retrain__<model>``: train a new version on the labelled inferences so far."""

from __future__ import annotations

import os
import textwrap
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.model.model import MonitoredModel
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.task import default_args, stage_task, stage_task_of
from daywatch.retrain.trainer import check_trainer
from daywatch.window import Window

DOC = """
### Retrains {model}: {description}

**Owner** {owner} · **Trainer** `{trainer}`

`monitor__{model}` triggers it once for a window whose verdict asks for retraining, if everything that a retraining
needs is there. Where the plan says `retrain: ask`, the task `approve` waits for a person. You can also start it by
hand with a window: the same conditions hold, and `force` with a reason overrides them. The table `retraining` has
each decision with its reasons.

It takes the labelled inferences of the baseline and of all judged windows up to that one, trains on the earlier four
fifths, and evaluates the new version and the endpoint's own answers on the latest fifth. It stores the version with
its metrics in `model_version` and deploys nothing.

**When it is red**, read the last line of the log: the trainer failed, or there are no rows to train on.
"""

BODY = "{{ ti.xcom_pull(task_ids='decide', key='question') }}"


@stage_task_of(task.branch)
def decide(model: str) -> str:
    """Return the task that is next: the approval, or the training at once."""
    from daywatch.retrain.decide import Answer, Outcome, Request, Trigger
    from daywatch.stages.decide_retraining import question
    from daywatch.stages.retrain import close

    context = get_current_context()
    run, params, start = context["dag_run"], context["params"], context["ti"].start_date
    request = Request(at=start)
    if not params["revision"]:
        by = run.triggering_user_name or "somebody in Airflow"
        request = Request(trigger=Trigger.PERSON, at=start, by=by, run_id=run.run_id, force=params["force"])
    asked = question(model, Window.of_day(params["window"]), airflow_deployment(), request)
    if not asked.decision.wanted:
        if asked.decision.version is None:
            # The verdict that triggered this run has changed since then.
            close(model, run.run_id, Outcome.REJECTED, asked.decision.reason, airflow_deployment())
        raise AirflowSkipException(asked.decision.reason)
    reasons = "\n".join(f"- {one.reason}" for one in asked.decision.conditions)
    # Indented by four blanks, captured text in the report is text, whatever Markdown it contains.
    body = f"{reasons}\n\n{textwrap.indent(asked.report, ' ' * 4, lambda _: True)}"
    context["ti"].xcom_push(key="question", value=body)
    return "approve" if asked.decision.answer is Answer.ASK else "train"


# Approved, or not asked for approval.
@stage_task_of(task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS))
def train(model: str) -> dict[str, Any]:
    from daywatch.retrain.decide import Outcome
    from daywatch.stages.retrain import close
    from daywatch.stages.retrain import train as train_version

    context = get_current_context()
    try:
        trained = train_version(model, Window.of_day(context["params"]["window"]), airflow_deployment())
    except Exception as error:
        close(model, context["dag_run"].run_id, Outcome.FAILED, str(error), airflow_deployment())
        raise
    return trained.model_dump()


@stage_task
def register(trained: dict[str, Any]) -> None:
    from daywatch.stages.retrain import NewVersion
    from daywatch.stages.retrain import register as register_version

    context = get_current_context()
    window, run = Window.of_day(context["params"]["window"]), context["dag_run"]
    register_version(
        NewVersion(**trained), window, airflow_deployment(), run.start_date or run.run_after, run.run_id
    )


@stage_task_of(task(trigger_rule=TriggerRule.ALL_SKIPPED))
def reject(model: str) -> None:
    """Store who rejected the retraining, where somebody did."""
    from daywatch.retrain.decide import Outcome
    from daywatch.stages.retrain import close

    context = get_current_context()
    answer = context["ti"].xcom_pull(task_ids="approve")
    if not answer:
        msg = "Nobody was asked."
        raise AirflowSkipException(msg)
    by = (answer.get("responded_by_user") or {}).get("name")
    reason = f"Rejected by {by}." if by else "Nobody approved it in time."
    close(model, context["dag_run"].run_id, Outcome.REJECTED, reason, airflow_deployment())


def retrain(model: MonitoredModel) -> DAG | None:
    """Return the DAG that retrains a model, None for a model without a trainer.

    Raises:
        ConfigurationError: There is no such trainer.
    """
    settings = model.retraining
    if settings is None:
        return None
    check_trainer(model, read_settings(os.environ).models / f"{model.model}.yaml")

    @dag(
        auto_register=False,
        dag_id=f"retrain__{model.model}",
        schedule=None,
        max_active_runs=1,
        default_args=default_args(model),
        params={
            "window": Param(
                type="string",
                format="date",
                description="The last day whose inferences are used, such as 2013-02-09.",
            ),
            "revision": Param(
                default="",
                type="string",
                description="The revision of the verdict that triggered the run; empty when started by hand.",
            ),
            "force": Param(
                default="",
                type="string",
                description="Why to retrain even if a condition does not hold; empty to respect all conditions.",
            ),
        },
        tags=tags(model, "retrain"),
        doc_md=DOC.format(
            model=model.model, description=model.description, owner=model.owner, trainer=settings.trainer
        ),
    )
    def build() -> None:
        decided = decide(model.model)
        approve = ApprovalOperator(
            task_id="approve",
            subject=f"Retrain {model.model} because of {{{{ params.window }}}}?",
            body=BODY,
            defaults=ApprovalOperator.REJECT,
            response_timeout=timedelta(hours=settings.approval_hours),
        )
        trained = train(model.model)
        decided >> [approve, trained]
        approve >> trained >> [register(trained), reject(model.model)]

    return build()
