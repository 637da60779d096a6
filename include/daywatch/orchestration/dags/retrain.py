"""The DAG ``retrain__<model>``: train a new version on the labelled inferences so far."""

from __future__ import annotations

import os
import textwrap
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    BaseOperator,
    Param,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from daywatch.config.deployment.settings import read_settings
from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.retraining import SageMakerPipeline
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.task import default_args, stage_task, stage_task_of
from daywatch.retrain.trainer import check_trainer
from daywatch.window import KEY_FORM, Window

DOC = """
### Retrains {model}: {description}

**Owner** {owner} · **Trainer** `{trainer}`

`monitor__{model}` triggers it once for a window whose verdict asks for retraining, if everything that a retraining
needs is there. Where the plan says `retrain: ask`, the task `approve` waits for a person. You can also start it by
hand with a window: the same conditions hold, and `force` with a reason overrides them. The table `retraining` has
each decision with its reasons.

It takes the labelled inferences of the baseline and of all judged windows up to that one, holds back the last windows,
trains on the others in a process of its own, and compares the new version with the one in production on the rows held
back. A better version is promoted: it gets a baseline of its own. It deploys nothing.

**When it is red**, read the last line of the log: the trainer failed, or there are no rows to train on.
"""

BODY = "{{ ti.xcom_pull(task_ids='decide', key='question') }}"


@stage_task_of(task.branch)
def decide(model: str) -> str:
    """Return the task that is next: the approval, or the training at once."""
    from daywatch.retrain.decide import Answer
    from daywatch.retrain.evidence import Outcome, Request, Trigger
    from daywatch.stages.decide_retraining import question
    from daywatch.stages.retrain import close

    context = get_current_context()
    run, params, start = context["dag_run"], context["params"], context["ti"].start_date
    request = Request(at=start)
    if not params["revision"]:
        by = run.triggering_user_name or "somebody in Airflow"
        request = Request(trigger=Trigger.PERSON, at=start, by=by, run_id=run.run_id, force=params["force"])
    asked = question(model, _window(model), airflow_deployment(), request)
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
    from daywatch.retrain.evidence import Outcome
    from daywatch.stages.retrain import close
    from daywatch.stages.retrain import train as train_version

    context = get_current_context()
    try:
        trained = train_version(model, _window(model), airflow_deployment())
    except Exception as error:
        close(model, context["dag_run"].run_id, Outcome.FAILED, str(error), airflow_deployment())
        raise
    return trained.model_dump()


@stage_task
def mail(model: str, trained: dict[str, Any], outcome: str) -> None:
    """Mail the comparison, whether the new version is promoted or not."""
    from daywatch.config.loading.load import find_model
    from daywatch.orchestration.notices import mail_comparison
    from daywatch.retrain.new_version import NewVersion

    context = get_current_context()
    configured = find_model(model, read_settings(os.environ).models)
    run_id, window = context["dag_run"].run_id, context["params"]["window"]
    mail_comparison(configured, NewVersion(**trained), window, run_id, promoted=outcome == "promoted")


@stage_task
def register(trained: dict[str, Any]) -> str:
    from daywatch.retrain.new_version import NewVersion
    from daywatch.stages.retrain import register as register_version

    context = get_current_context()
    window, run = _window(trained["model"]), context["dag_run"]
    started = run.start_date or run.run_after
    return register_version(NewVersion(**trained), window, airflow_deployment(), started, run.run_id).value


def _window(model: str) -> Window:
    """Return the window whose verdict the current run is about."""
    from daywatch.config.loading.load import find_model

    schedule = find_model(model, read_settings(os.environ).models).schedule
    return schedule.window_named(get_current_context()["params"]["window"])


def promoted_uri(model: str) -> str:
    """Return the address of the asset of which a promoted version of a model is an event."""
    return f"daywatch://{model}/promoted"


def hand_over(model: str, trained: dict[str, Any], outcome: str) -> dict[str, str]:
    """Tell whoever deploys that there is a better version; Daywatch deploys nothing."""
    if outcome != "promoted":
        msg = f"The version in production is kept: {trained['comparison']['reason']}"
        raise AirflowSkipException(msg)
    names = {"version": "version", "artifact": "artifact_uri", "checksum": "checksum"}
    handed = {"model": model, **{name: trained[key] for name, key in names.items()}}
    uri = promoted_uri(model)
    extra = {**handed, "comparison": trained["comparison"]["reason"]}
    get_current_context()["outlet_events"][AssetAlias(uri)].add(Asset(name=uri, uri=uri), extra=extra)
    return handed


@stage_task_of(task(trigger_rule=TriggerRule.ALL_SKIPPED))
def reject(model: str) -> None:
    """Store who rejected the retraining, where somebody did."""
    from daywatch.retrain.evidence import Outcome
    from daywatch.stages.retrain import close

    context = get_current_context()
    answer = context["ti"].xcom_pull(task_ids="approve")
    if not answer:
        msg = "Nobody was asked."
        raise AirflowSkipException(msg)
    by = (answer.get("responded_by_user") or {}).get("name")
    reason = f"Rejected by {by}." if by else "Nobody approved it in time."
    close(model, context["dag_run"].run_id, Outcome.REJECTED, reason, airflow_deployment())


def _pipeline(pipeline: SageMakerPipeline, values: dict[str, str]) -> BaseOperator:
    """Return the task that starts a pipeline of SageMaker for a promoted version."""
    # It imports boto3, for which models without a pipeline need not wait at every parse.
    from airflow.providers.amazon.aws.operators.sagemaker import SageMakerStartPipelineOperator

    return SageMakerStartPipelineOperator(
        task_id="start_pipeline",
        pipeline_name=pipeline.name,
        display_name=values["version"],
        pipeline_params=values,
        aws_conn_id=pipeline.connection,
    )


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
                pattern=f"^{KEY_FORM}$",
                description="The last window whose inferences are used, such as 2013-02-09.",
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
        registered = register(trained)
        approve >> trained >> [registered, reject(model.model)]
        # An alias: Airflow imports the providers of all assets, boto3 among them, where an asset is made.
        outlets = stage_task_of(task(outlets=[AssetAlias(promoted_uri(model.model))]))
        handed = outlets(hand_over)(model.model, trained, registered)
        mail(model.model, trained, registered)
        pulled = "{{{{ ti.xcom_pull(task_ids='hand_over')['{}'] }}}}"
        values = {name: pulled.format(name) for name in ("model", "version", "artifact", "checksum")}
        if settings.promotion.dag is not None:
            handed >> TriggerDagRunOperator(
                task_id="deploy",
                trigger_dag_id=settings.promotion.dag,
                trigger_run_id=f"promoted__{model.model}__{pulled.format('version')}",
                conf=values,
                logical_date=None,
                skip_when_already_exists=True,
            )
        if settings.promotion.pipeline is not None:
            handed >> _pipeline(settings.promotion.pipeline, values)

    return build()
