"""The DAG ``monitor__<model>``: judge the day before, every day."""

from __future__ import annotations

import logging
from typing import Any, cast

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, AssetAlias, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from daywatch.config.model.model import MonitoredModel
from daywatch.config.model.schedule import DayTasks
from daywatch.orchestration.assets import emit_stored_rollout, emit_stored_verdict, rollout_uri, verdict_alias
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.notices import late_notice
from daywatch.orchestration.task import default_args, stage_task, stage_task_of
from daywatch.orchestration.windows import (
    current_window,
    first_run,
    is_of_backfill,
    is_of_past,
    last_run,
    window_timetable,
)
from daywatch.review.plan_table import plan_markdown
from daywatch.run import StageRun, WindowRun
from daywatch.window import WindowUnit

log = logging.getLogger("daywatch")

DOC = """
### Judges {model} once {every}: {description}

**Owner** {owner} · **Mails go to** {contacts} · **Plan** `include/models/{model}.yaml`

One run judges one window, {window}: it exports captures and labels from S3, validates them with Great
Expectations, measures them against the baseline with Evidently, judges the metrics by the model's plan, records
the results in the warehouse, and reports them by mail.

**A red task means that the code or the infrastructure failed, never that the model is bad.** A bad model gives a
green run with a RED verdict and a mail. When a task is red, read the last line of its log, fix the cause and clear
the task. Airflow has already retried {retries} times if a server did not answer. You can run every task again, in
any order and in parallel with other days: it gives the same result.

**When the verdict is RED**: {red} ({who}, within {hours} hours)

{plan}
"""


@stage_task
def export(model: str) -> dict[str, Any]:
    from daywatch.stages.export import export as export_stage

    run, stage_run = export_stage(model, current_window(model), airflow_deployment())
    return {"run": run.model_dump(), "stage_run": stage_run.model_dump()}


@stage_task
def validate(exported: dict[str, Any]) -> dict[str, Any]:
    from daywatch.stages.validate import validate as validate_stage

    return validate_stage(WindowRun(**exported["run"]), airflow_deployment()).model_dump()


@stage_task
def measure(exported: dict[str, Any]) -> dict[str, Any]:
    from daywatch.stages.measure import measure as measure_stage

    return measure_stage(WindowRun(**exported["run"]), airflow_deployment()).model_dump()


@stage_task
def judge(exported: dict[str, Any]) -> dict[str, Any]:
    from daywatch.stages.judge import judge as judge_stage

    return judge_stage(WindowRun(**exported["run"]), airflow_deployment()).model_dump()


@stage_task
def record(exported: dict[str, Any], stage_runs: list[dict[str, Any]]) -> dict[str, Any]:
    from daywatch.stages.record import record as record_stage

    stages = [StageRun(**one) for one in (exported["stage_run"], *stage_runs)]
    run, deployment = WindowRun(**exported["run"]), airflow_deployment()
    recorded = record_stage(run, stages, deployment)
    emit_stored_verdict(run)
    return recorded.model_dump()


# The report says what was decided on retraining, and a decision of no is a skipped task.
@stage_task_of(task(trigger_rule=TriggerRule.NONE_FAILED))
def report(exported: dict[str, Any]) -> dict[str, Any]:
    from daywatch.stages.report import report as report_stage

    run = WindowRun(**exported["run"])
    stage_run = report_stage(run, airflow_deployment())
    emit_stored_rollout(run)
    return stage_run.model_dump()


@stage_task
def notify(exported: dict[str, Any], stage_runs: list[dict[str, Any]]) -> dict[str, Any]:
    from daywatch.stages.notify import notify as notify_stage

    stages = [StageRun(**one) for one in stage_runs]
    sent_at = get_current_context()["ti"].start_date
    run, backfill = WindowRun(**exported["run"]), is_of_backfill()
    return notify_stage(run, stages, airflow_deployment(), sent_at, backfill=backfill).model_dump()


@stage_task
def day(model: str) -> dict[str, Any]:
    from daywatch.stages.day import run_window

    sent_at = get_current_context()["ti"].start_date
    window, backfill = current_window(model), is_of_backfill()
    run, _ = run_window(model, window, airflow_deployment(), _log_begin, sent_at, backfill=backfill)
    emit_stored_verdict(run)
    emit_stored_rollout(run)
    return {"run": run.model_dump()}


@stage_task
def find_triggers(exported: dict[str, Any]) -> list[dict[str, Any]]:
    from daywatch.stages.triggers import incident_triggers

    run = WindowRun(**exported["run"])
    if is_of_past(run.model):
        return []
    found = incident_triggers(run, airflow_deployment())
    return [{"trigger_dag_id": one.dag, "trigger_run_id": one.run_id, "conf": one.conf} for one in found]


def _log_begin(stages: str) -> None:
    log.info("begins: %s", stages)


@stage_task
def decide_retraining(exported: dict[str, Any]) -> dict[str, Any]:
    from daywatch.retrain.evidence import Request
    from daywatch.stages.decide_retraining import decide_retraining as decide_stage

    run, at = WindowRun(**exported["run"]), get_current_context()["ti"].start_date
    decision = decide_stage(run, airflow_deployment(), Request(at=at))
    if not decision.wanted:
        raise AirflowSkipException(decision.reason)
    return {"run_id": decision.run_id, "window": run.window.key, "revision": run.revision}


def _rollout_outlets(model: MonitoredModel) -> list[AssetAlias]:
    return [] if model.rollout is None else [AssetAlias(rollout_uri(model.model))]


def _stage_tasks(model: MonitoredModel, *, decides: bool) -> tuple[Any, Any, Any]:
    """Make a task of each stage; return those that name and record the run, and that of the decision, or None."""
    exported = export(model.model)
    validated, measured, judged = validate(exported), measure(exported), judge(exported)
    recorded = cast("Any", record).override(outlets=[verdict_alias(model.model)])(
        exported, [validated, measured, judged]
    )
    reported = cast("Any", report).override(outlets=_rollout_outlets(model))(exported)
    notified = notify(exported, [recorded, reported])
    exported >> [validated, measured] >> judged >> recorded >> reported >> notified
    if not decides:
        return exported, recorded, None
    decided = decide_retraining(exported)
    recorded >> decided >> reported
    return exported, recorded, decided


def _one_task(model: MonitoredModel, *, decides: bool) -> tuple[Any, Any, Any]:
    """Make one task of the day, and one of the decision that the day has stored; return them as above."""
    outlets = [verdict_alias(model.model), *_rollout_outlets(model)]
    run = cast("Any", day).override(outlets=outlets)(model.model)
    return run, run, decide_retraining(run) if decides else None


def _decides(model: MonitoredModel) -> bool:
    """Return whether any day of the model can lead to a retraining."""
    due = model.retraining is not None and model.retraining.every is not None
    return due or model.plan.actions.retrain


def _window_text(model: MonitoredModel) -> str:
    """Return how long a window is, and in which time zone."""
    if model.schedule.window is WindowUnit.HOUR:
        return "an hour"
    return f"a {model.schedule.window} ({model.schedule.timezone})"


def monitor(model: MonitoredModel) -> DAG:
    """Return the DAG that monitors a model."""
    red, unit = model.plan.actions.red, model.schedule.window

    @dag(
        auto_register=False,
        dag_id=f"monitor__{model.model}",
        schedule=window_timetable(model),
        start_date=first_run(model),
        end_date=last_run(model),
        catchup=model.schedule.catchup,
        max_active_runs=model.schedule.max_active_runs,
        default_args=default_args(model),
        deadline=late_notice(model),
        tags=tags(model, "monitor"),
        doc_md=DOC.format(
            model=model.model,
            description=model.description,
            owner=model.owner,
            contacts=", ".join(model.contacts),
            retries=default_args(model)["retries"],
            every="an hour" if unit is WindowUnit.HOUR else f"a {unit}",
            window=_window_text(model),
            red=red.do,
            who=red.who,
            hours=red.within_hours,
            plan=plan_markdown(model.plan),
        ),
    )
    def build() -> None:
        make_tasks = _one_task if model.schedule.tasks is DayTasks.ONE else _stage_tasks
        run, recorded, decided = make_tasks(model, decides=_decides(model))
        if not model.on.is_empty:
            found = find_triggers(run)
            recorded >> found
            TriggerDagRunOperator.partial(
                task_id="on_incident", logical_date=None, skip_when_already_exists=True
            ).expand_kwargs(found)
        if decided is not None:
            decided >> TriggerDagRunOperator(
                task_id="retrain",
                trigger_dag_id=f"retrain__{model.model}",
                trigger_run_id="{{ ti.xcom_pull(task_ids='decide_retraining')['run_id'] }}",
                conf={
                    "window": "{{ ti.xcom_pull(task_ids='decide_retraining')['window'] }}",
                    "revision": "{{ ti.xcom_pull(task_ids='decide_retraining')['revision'] }}",
                },
                logical_date=None,
                skip_when_already_exists=True,
            )

    return build()
