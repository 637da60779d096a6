"""The newest numbers of all models in Prometheus' text format, for whoever has the token.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, version 0.0.4). There is one series
for each model and metric of the whole window, and none of columns, slices and classes: a thousand columns would be a
thousand series for each model.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from daywatch.config.deployment.connections import METRICS_CONNECTION
from daywatch.errors import SetupError
from daywatch.pages.access import DeploymentDep
from daywatch.results import State
from daywatch.warehouse.reading.newest import newest_numbers
from daywatch.warehouse.reading.pool import reading

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.warehouse.reading.newest import NewestNumbers

router = APIRouter()

_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Sample = tuple[dict[str, str], float]


@router.get("/metrics")
def metrics(request: Request, deployment: DeploymentDep) -> Response:
    """Send the numbers; this address has a token of its own and no login, because a program reads it."""
    if not _has_token(request.headers.get("authorization", ""), deployment):
        # No exception, which would lead a browser to Airflow's login, and from there back to here.
        return Response("", 401, {"WWW-Authenticate": "Bearer"} | _HEADERS, _MEDIA_TYPE)
    with reading(deployment.warehouse_url) as connection:
        found = newest_numbers(connection)
    return Response("".join(_lines(found)), 200, _HEADERS, _MEDIA_TYPE)


def _has_token(given: str, deployment: Deployment) -> bool:
    """Return whether a header has the token.

    Raises:
        SetupError: The deployment has none.
    """
    connection = deployment.connections(METRICS_CONNECTION)
    if connection is None or connection.password is None or not connection.password.get_secret_value():
        msg = (
            f"/daywatch/metrics needs a token: create the Airflow connection {METRICS_CONNECTION!r} "
            "(type http) with the token as its password."
        )
        raise SetupError(msg)
    expected = f"Bearer {connection.password.get_secret_value()}"
    return hmac.compare_digest(given.encode(), expected.encode())


def _lines(found: NewestNumbers) -> Iterator[str]:
    windows = found.windows
    yield from _family(
        "daywatch_verdict",
        "Whether the newest verdict of a model is this state: 1 or 0.",
        (
            ({"model": one.model, "state": state}, float(one.state is state))
            for one in windows
            for state in State
        ),
    )
    yield from _family(
        "daywatch_window_end_timestamp_seconds",
        "End of the newest judged window of a model, in seconds since 1970.",
        (({"model": one.model}, one.end.timestamp()) for one in windows),
    )
    yield from _family(
        "daywatch_quarantined_ratio",
        "Share of the newest window's records that could not be read.",
        (({"model": one.model}, one.quarantined / one.records) for one in windows if one.records),
    )
    yield from _family(
        "daywatch_metric",
        "A metric of the whole newest window of a model.",
        (({"model": model, "metric": name}, value) for model, name, value in found.metrics),
    )
    yield from _family(
        "daywatch_stage_seconds",
        "Duration of a stage of the newest window's run.",
        (({"model": model, "stage": stage}, value) for model, stage, value in found.stages),
    )


def _family(name: str, description: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {description}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        written = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{name}{{{written}}} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
