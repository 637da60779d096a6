"""Mails about the pipeline itself: a task failed, or a day is late. The stage ``notify`` mails verdicts."""

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
<p>The code or the infrastructure failed, not the model. There is no verdict on the window
<b>{{ dag_run.partition_key or dag_run.run_id }}</b> yet.</p>
<pre>{{ (exception | string | e) if exception else "No exception was recorded; see the log." }}</pre>
<p>Open the <a href="{{ ti.log_url }}">log of the task</a>, fix the cause and clear the task: Airflow then runs the
tasks that follow.</p>
"""

# Airflow passes only the run to this callback, in the form of its REST API.
_LATE = """
<h2>{{ dag_run.dag_id }} is late</h2>
<p>The run {{ dag_run.dag_run_id }} did not finish within its deadline. There is no verdict on
<b>{{ dag_run.partition_key or "its window" }}</b> yet. Open the run in Airflow to see which task it is waiting
for.</p>
"""


def failure_notice(model: MonitoredModel) -> SmtpNotifier:
    """Return the callback that mails the model's contacts when a task has failed and has no retry left."""
    return SmtpNotifier(
        smtp_conn_id=SMTP_CONNECTION,
        to=list(model.contacts),
        subject="[FAILED] {{ dag.dag_id }} {{ dag_run.partition_key or '' }}: {{ ti.task_id }}",
        html_content=_FAILED,
    )


def late_notice(model: MonitoredModel) -> DeadlineAlert:
    """Return the deadline that mails the model's contacts when a run takes longer than its schedule allows."""
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
