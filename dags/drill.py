"""One DAG for the fire drill of all models: known faults in copies of a day, once a month."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.task import owned_by, stage_task

DOC = """
### Tries what each model's plan finds

**Owner** the platform team that runs Airflow

On the first day of a month, it injects known faults into copies of each model's latest judged day and judges the
copies. The table `drill` gets what was found, what was blamed for it, and the false alarms of copies without a fault.
No verdict, mail or file of a window changes.

**When it is red**, the results of a model's latest day are no longer stored, or a server did not answer. The last line
of the log of the model's task says which.
"""


@stage_task
def models() -> list[str]:
    from daywatch.drill.monthly import drilled_models

    return drilled_models(airflow_deployment())


@stage_task
def drill(model: str) -> None:
    from daywatch.drill.monthly import drill_latest_day

    drill_latest_day(model, airflow_deployment())


@dag(
    schedule="0 3 1 * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    default_args=owned_by("platform"),
    tags=["upkeep", "owner:platform", "tier:1"],
    doc_md=DOC,
)
def fire_drill() -> None:
    drill.expand(model=models())


fire_drill()
