"""One DAG for the warehouse and the storage: schema, statistics, remains of killed uploads."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.task import owned_by, stage_task

DOC = """
### Maintains the warehouse

**Owner** the platform team that runs Airflow

Upgrades the schema to the version that this Daywatch needs, if it is older, and refreshes the statistics of the
database, so that the views stay fast as the tables grow. It also aborts uploads of artifacts that killed processes
left unfinished for more than a day. It runs every Sunday. Start it by hand after an upgrade of
Daywatch.

**When it is red**, the warehouse did not answer, or it refused the connection `daywatch_warehouse`, for example
because its role may not change the schema. The last line of the log says which.
"""


@stage_task
def upgrade() -> None:
    from daywatch.warehouse.migrate import upgrade as upgrade_schema

    upgrade_schema(airflow_deployment().warehouse_url)


@stage_task
def analyze() -> None:
    from daywatch.warehouse.migrate import analyze as analyze_tables

    analyze_tables(airflow_deployment().warehouse_url)


@stage_task
def abort_uploads() -> None:
    from daywatch.stages.upkeep import abort_unfinished_uploads

    abort_unfinished_uploads(airflow_deployment(), datetime.now(UTC))


@dag(
    schedule="0 4 * * 0",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=owned_by("platform"),
    tags=["upkeep", "owner:platform", "tier:1"],
    doc_md=DOC,
)
def warehouse_upkeep() -> None:
    upgrade() >> analyze()
    abort_uploads()


warehouse_upkeep()
