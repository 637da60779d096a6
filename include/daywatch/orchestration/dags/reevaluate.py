"""The DAG ``reevaluate__<model>``: judge again the windows whose labels or captures came late."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, dag

from daywatch.config.model.model import WITHOUT_LABELS, MonitoredModel
from daywatch.days import DAY
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.task import default_args, stage_task
from daywatch.orchestration.windows import daily_timetable, first_run, last_run, named_day

DOC = """
### Looks once a day for late labels and captures of {model}

**Owner** {owner} · **Mails go to** {contacts} · **Plan** `include/models/{model}.yaml`

Lists the objects of the windows of the last {horizon} days. If the objects of a window have changed since it was
judged, a run of `monitor__{model}` judges it again. The run's id consists of the window and the listing, so the
same change starts one run only. Daywatch stores a new revision only if the evidence itself has changed, and sends a
mail only if the verdict became worse.

**When it is red**, the storage, the database of the labels or the warehouse did not answer. Clear the task, or wait:
the run of the next day finds the same windows.
"""


@stage_task
def find_late_windows(model: str) -> list[dict[str, Any]]:
    from daywatch.stages.reevaluate import late_windows

    late = late_windows(model, named_day(), airflow_deployment())
    return [{"trigger_run_id": one.run_id, "conf": {"window": one.window}} for one in late]


def reevaluate(model: MonitoredModel) -> DAG:
    """Return the DAG that looks for late evidence of a model; it continues after the model's last window."""
    horizon = model.labels.horizon if model.labels else WITHOUT_LABELS
    end = last_run(model)

    @dag(
        auto_register=False,
        dag_id=f"reevaluate__{model.model}",
        schedule=daily_timetable(model),
        start_date=first_run(model),
        end_date=end + horizon * DAY if end else None,
        catchup=False,
        max_active_runs=1,
        default_args=default_args(model),
        tags=tags(model, "reevaluate"),
        doc_md=DOC.format(
            model=model.model,
            owner=model.owner,
            contacts=", ".join(model.contacts),
            horizon=horizon,
        ),
    )
    def build() -> None:
        TriggerDagRunOperator.partial(
            task_id="judge_again",
            trigger_dag_id=f"monitor__{model.model}",
            logical_date=None,
            skip_when_already_exists=True,
        ).expand_kwargs(find_late_windows(model.model))

    return build()
