"""The page of a model, and the numbers of its charts as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from daywatch.days import MICROSECOND, day_at
from daywatch.pages.access import DeploymentDep, ModelName, may_read_model
from daywatch.pages.configuration import known_model
from daywatch.pages.model.content import model_content, numbers_of
from daywatch.pages.model.span import PRESETS, Span
from daywatch.pages.responses import headers, message, page
from daywatch.pages.setting_up import missing_parts
from daywatch.rows.forms import harmless
from daywatch.warehouse.overview import model_overview
from daywatch.warehouse.reading.history import judged_span
from daywatch.warehouse.reading.pool import reading

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

router = APIRouter(dependencies=[Depends(may_read_model)])

_WINDOWS = 100
"""Windows in the table at most; the charts have all."""

Shown = Annotated[Span, Query()]


@router.get("/{model}")
def model(request: Request, model: ModelName, deployment: DeploymentDep, span: Shown) -> Response:
    """Show a model."""
    configured, _ = known_model(model, deployment)
    with reading(deployment.warehouse_url) as connection:
        known, judged = model_overview(connection, model), judged_span(connection, model)
        if known is None or judged is None:
            text = f"The warehouse has no model {model}: none of its windows has been judged yet."
            missing = missing_parts(connection, [model] if configured else [])
            return message(request, 404, text, missing=missing)
        zone = _zone(configured)
        days = span.days(judged[1], zone)
        content = model_content(connection, model, days, configured)
    presets = [
        (
            number,
            day_at(max(judged[0], judged[1] - timedelta(days=number)), zone),
            day_at(judged[1] - MICROSECOND, zone),
        )
        for number in PRESETS
    ]
    return page(
        request,
        "model.html.j2",
        model=known,
        days=days,
        presets=presets,
        content=content,
        newest=content.windows[-1] if content.windows else None,
        retired=configured is None,
        shown_windows=_WINDOWS,
    )


@router.get("/{model}/charts/{chart}.csv")
def chart(request: Request, model: ModelName, chart: str, deployment: DeploymentDep, span: Shown) -> Response:
    """Send the numbers of a chart."""
    configured, _ = known_model(model, deployment)
    with reading(deployment.warehouse_url) as connection:
        judged = judged_span(connection, model)
        days = span.days(judged[1], _zone(configured)) if judged else None
        found = numbers_of(connection, model, chart, days, configured) if days else None
    if found is None:
        return message(request, 404, f"{model} has no such chart in these days.", model=model)
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([harmless(value) for value in row] for row in found)
    named = {"Content-Disposition": f'attachment; filename="{model}-{chart}.csv"'}
    return Response(written.getvalue(), 200, headers() | named, "text/csv; charset=utf-8")


def _zone(configured: MonitoredModel | None) -> tzinfo:
    """Return the time zone of a model's windows; UTC where its YAML is gone or has errors."""
    return configured.schedule.zone if configured is not None else UTC
