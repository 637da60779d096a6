"""One DAG that mails each team its digest: its models on one screen, the worst first."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag, get_current_context
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.task import owned_by, stage_task

DOC = """
### Mails each team the digest of its models

**Owner** the platform team that runs Airflow

Every morning it looks which teams (`owner` of the models) get a digest: daily, or weekly on Mondays, as
`alerts.digest` of their models says, and after a backfill. A digest has the team's models, the worst first, since
when they are so, and who acknowledged it. A team gets one digest a day, whatever is tried again.

**When it is red**, the mail server or the warehouse did not answer, or there is no connection `daywatch_smtp`. The
last line of the log says which. Clear the task: only those who have no digest get it.
"""


@stage_task
def find_teams() -> list[str]:
    from daywatch.stages.digest import due_owners

    return due_owners(get_current_context()["dag_run"].run_after.date(), airflow_deployment())


@stage_task
def mail(owner: str) -> None:
    from daywatch.stages.digest import send_digest

    context = get_current_context()
    send_digest(owner, context["dag_run"].run_after.date(), airflow_deployment(), context["ti"].start_date)


@dag(
    schedule="0 7 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=owned_by("platform"),
    tags=["digest", "owner:platform", "tier:1"],
    doc_md=DOC,
)
def digest() -> None:
    mail.expand(owner=find_teams())


digest()
