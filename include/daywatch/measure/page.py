"""The HTML page around Evidently's widgets: safe against captured values, whole without a network."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

from daywatch.config.metrics import METRICS, Kind
from daywatch.errors import SetupError
from daywatch.measure.tables import Side
from daywatch.numbers import metric_title

if TYPE_CHECKING:
    from daywatch.config.model import MonitoredModel
    from daywatch.measure.evidently_report import Drawing
    from daywatch.results import Metric

_DASHBOARD = "daywatch_report"
_DATA_PLACE = "<!-- no embedded data -->"
_CHARSET = '<meta charset="UTF-8">'
_ROOT_PLACE = f'<div id="root_{_DASHBOARD}">'
# Nothing is fetched and nothing is sent, whatever stands in the data. Plotly compiles functions.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(value: Any) -> str:
    """Return JSON that may stand in a script element: no captured text can end the element."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def render_page(drawing: Drawing, model: MonitoredModel, metrics: list[Metric]) -> str:
    """Return the page: a head with the numbers of all rows, then Evidently's report."""
    from evidently.legacy.model.dashboard import DashboardInfo
    from evidently.legacy.utils.dashboard import TemplateParams, file_html_template

    widgets = drawing.document["widgets"]
    info = {"name": "Report", "widgets": [_group(_without_details(widgets))]}
    details = {graph["id"]: _graph(graph) for graph in _details(widgets)}
    shell = file_html_template(
        TemplateParams(
            dashboard_id=_DASHBOARD,
            dashboard_info=DashboardInfo(name="Report", widgets=[]),
            additional_graphs={},
            embed_data=False,
        )
    )
    data = (
        f"<script>\nvar {_DASHBOARD} = {script_json(info)};\n"
        f"var additional_graphs_{_DASHBOARD} = {script_json(details)};\n</script>"
    )
    policy = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">'
    title = f"<title>{html.escape(model.model)}: drift and performance</title>"
    page = _put(shell, _DATA_PLACE, data)
    page = _put(page, _CHARSET, f"{_CHARSET}\n{policy}\n{title}")
    return _put(page, _ROOT_PLACE, head(drawing, model, metrics) + _ROOT_PLACE).strip() + "\n"


def _put(page: str, place: str, text: str) -> str:
    before, found, after = page.partition(place)
    if not found:
        msg = f"Evidently's page template has no {place!r}: it differs from the version Daywatch is pinned to"
        raise SetupError(msg)
    return before + text + after


def _group(widgets: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "group", "title": "", "size": 2, "id": f"{_DASHBOARD}_all", "widgets": widgets}


def _details(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for widget in widgets:
        found += widget["additionalGraphs"] + _details(widget["widgets"])
    return found


def _graph(graph: dict[str, Any]) -> Any:
    return graph["params"] if graph.keys() == {"id", "params"} else graph


def _without_details(widgets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop what the page finds by id in the second variable."""
    return [
        {**widget, "additionalGraphs": [], "widgets": _without_details(widget["widgets"])}
        for widget in widgets
    ]


def head(drawing: Drawing, model: MonitoredModel, metrics: list[Metric]) -> str:
    """Return the page's head: what the numbers and the drawings were made of."""
    by_name = {metric.name: metric for metric in metrics if not metric.column}
    rows = by_name["rows"]
    drawn = drawing.rows
    lines = [
        f"Scores on all {rows.value or 0:,.0f} rows of the window and"
        f" {rows.baseline or 0:,.0f} of the baseline;"
        f" drawings from {drawn[Side.CURRENT]:,} and {drawn[Side.REFERENCE]:,}.",
        f"Performance on all {by_name['labelled'].value or 0:,.0f} labelled rows is in the table;"
        f" Evidently's performance part is drawn from {drawing.labelled:,} of them.",
        *(f"{name}: not drawn, {reason}." for name, reason in drawing.left_out),
    ]
    table = [metric for metric in metrics if metric.name in METRICS and _is_performance(metric)]
    brief = [metric for metric in table if METRICS[metric.name].brief and not metric.class_name]
    rest = [metric for metric in table if metric not in brief]
    more = f"<details><summary>{len(rest)} more</summary>{_table(rest)}</details>" if rest else ""
    return (
        '<header style="font:14px/1.5 sans-serif;margin:1.5em 2em">'
        f"<h1>{html.escape(model.model)}</h1>"
        + "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        + f"{_table(brief)}{more}</header>\n"
    )


def _table(metrics: list[Metric]) -> str:
    """Return performance metrics with their intervals and the rows behind them."""
    cells = "".join(
        f"<tr><td>{html.escape(metric_title(metric.name, metric.class_name))}</td>"
        f"<td>{_number(metric.value)}</td><td>{_interval(metric)}</td><td>{_count(metric.rows)}</td>"
        f"<td>{_number(metric.baseline)}</td><td>{_count(metric.baseline_rows)}</td>"
        f"<td>{html.escape(metric.note)}</td></tr>"
        for metric in metrics
    )
    return (
        '<table cellpadding="4"><tr><th>Performance</th><th>Window</th><th>95 % interval</th><th>Rows</th>'
        f"<th>Baseline</th><th>Rows</th><th></th></tr>{cells}</table>"
    )


def _is_performance(metric: Metric) -> bool:
    return METRICS[metric.name].kind is Kind.PERFORMANCE


def _interval(metric: Metric) -> str:
    if metric.low is None and metric.high is None:
        return "\N{EN DASH}"
    return f"{_number(metric.low)} to {_number(metric.high)}"


def _count(rows: int | None) -> str:
    return "\N{EN DASH}" if rows is None else f"{rows:,}"


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.6g}"
