"""Mails about the machinery: the code failed, or a day is late. Verdicts are mailed by the stage ``notify``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from daywatch.config.deployment.connections import SMTP_CONNECTION

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

_FAILED = """
<h2>{{ dag.dag_id }}: the task {{ ti.task_id }} failed</h2>
<p>The code or the infrastructure failed, not the model: nothing is known about window
<b>{{ dag_run.partition_key or dag_run.run_id }}</b> yet.</p>
<pre>{{ (exception | string | e) if exception else "no exception was recorded, see the log" }}</pre>
<p>Open the <a href="{{ ti.log_url }}">task's log</a>, mend the cause and clear the task: the rest of the
window follows by itself.</p>
"""

# Airflow gives this callback a run as its REST API shows it, and nothing else.
_LATE = """
<h2>{{ dag_run.dag_id }} is late</h2>
<p>The run {{ dag_run.dag_run_id }} did not finish within its deadline. Nobody knows yet how the model did on
<b>{{ dag_run.partition_key or "its day" }}</b>;
look at the run in Airflow.</p>
"""


def failure_notice(model: MonitoredModel) -> SmtpNotifier:
    """Return the callback that mails the model's contacts when a task has failed for good."""
    return SmtpNotifier(
        smtp_conn_id=SMTP_CONNECTION,
        to=list(model.contacts),
        subject="[FAILED] {{ dag.dag_id }} {{ dag_run.partition_key or '' }}: {{ ti.task_id }}",
        html_content=_FAILED,
    )


def late_notice(model: MonitoredModel) -> DeadlineAlert:
    """Return the deadline that mails the model's contacts when a run takes too long."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=model.schedule.deadline_minutes),
        callback=AsyncCallback(
            SmtpNotifier,
            kwargs={
                "smtp_conn_id": SMTP_CONNECTION,
                "to": list(model.contacts),
                "subject": f"[LATE] monitor__{model.model} {{{{ dag_run.partition_key or dag_run.dag_run_id }}}}",
                "html_content": _LATE,
            },
        ),
    )
