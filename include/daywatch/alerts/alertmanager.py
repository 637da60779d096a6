"""One alert for each open incident, in a Prometheus Alertmanager: its silences and its routing then hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.secrets import hidden
from daywatch.errors import InfrastructureError, SetupError
from daywatch.results import State
from daywatch.text import visible

if TYPE_CHECKING:
    from daywatch.config.deployment.connections import Connection
    from daywatch.config.model.model import MonitoredModel
    from daywatch.incidents.news import IncidentOfWindow

HELD = timedelta(days=3)
"""An open alert ends by itself after so long without a judged window; each window posts it again."""

_SEVERITIES = {State.RED: "critical", State.AMBER: "warning", State.GREY: "info", State.GREEN: "info"}
_SECONDS = 20
_LONGEST_ANSWER = 200


def alerts_of(
    model: MonitoredModel, incidents: Iterable[IncidentOfWindow], at: datetime, link: str = ""
) -> list[dict[str, Any]]:
    """Return the alerts of a model's incidents, as ``POST /api/v2/alerts`` takes them.

    The labels identify an alert, and the severity is one of them: an incident that became worse ends its alert of
    before. Format: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml

    Args:
        model: The model's configuration.
        incidents: Its open incidents, and those that the window closed.
        at: Time of the run.
        link: Address of the page of an incident, to which its id is added; empty for none.
    """
    return [alert for one in incidents for alert in _alerts(model, one, at, link)]


def post(alerts: list[dict[str, Any]], name: str, connection: Connection) -> None:
    """Post alerts; posting the same again changes nothing.

    Args:
        alerts: The alerts.
        name: Id of the connection, for errors.
        connection: Host, port, path as the schema, login and password.

    Raises:
        SetupError: The connection names no host, or Alertmanager refuses for good.
        InfrastructureError: Alertmanager did not answer, or refuses for now.
    """
    import httpx

    if not connection.host:
        msg = f"The Airflow connection {name!r} names no host of an Alertmanager."
        raise SetupError(msg)
    url = f"{_base(connection)}/api/v2/alerts"
    password = connection.password.get_secret_value() if connection.password else ""
    login = (connection.login, password) if connection.login else None
    try:
        answer = httpx.post(url, json=alerts, auth=login, timeout=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = hidden(str(error) or type(error).__name__, connection.secrets)
        msg = f"The Alertmanager of the connection {name!r} did not answer: {reason}."
        raise InfrastructureError(msg) from None
    if answer.is_success:
        return
    text = hidden(" ".join(answer.text.split())[:_LONGEST_ANSWER], connection.secrets)
    msg = f"The Alertmanager of the connection {name!r} refused the alerts with {answer.status_code}: {text}."
    raise (InfrastructureError if answer.is_server_error or answer.status_code == 429 else SetupError)(msg)


def _base(connection: Connection) -> str:
    host = str(connection.host)
    address = host if "://" in host else f"{connection.extra.get('scheme', 'http')}://{host}"
    port = f":{connection.port}" if connection.port else ""
    path = (connection.schema_ or "").strip("/")
    return f"{address}{port}{f'/{path}' if path else ''}"


def _alerts(
    model: MonitoredModel, one: IncidentOfWindow, at: datetime, link: str
) -> Iterator[dict[str, Any]]:
    """Yield the alert of an incident, and the end of those that it had at other severities."""
    severity = _SEVERITIES[one.state]
    before = {_SEVERITIES[state] for state in one.states} - {severity}
    for each in (severity, *sorted(before)):
        ends = at + HELD if one.is_open and each == severity else at
        alert = {
            "labels": {
                "alertname": "DaywatchIncident",
                "model": model.model,
                "namespace": model.namespace,
                "tier": str(model.tier),
                "cause": one.name,
                "kind": str(one.kind),
                "column": visible(one.column),
                "slice": visible(one.slice),
                "severity": each,
            },
            "annotations": {
                "summary": visible(one.sentence),
                "incident": one.incident_id,
                "since": one.first_key,
                "acknowledged_by": visible(one.acknowledged_by),
            },
            "startsAt": _time(min(one.first_window, at)),
            "endsAt": _time(ends),
        }
        yield {**alert, "generatorURL": f"{link}{one.incident_id}"} if link else alert


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
