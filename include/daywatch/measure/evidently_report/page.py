"""The HTML page around Evidently's widgets: safe against captured values, whole without a network."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from daywatch.config.metric_definition import MetricKind
from daywatch.config.metrics import METRICS
from daywatch.errors import SetupError
from daywatch.formatting import metric_title
from daywatch.measure.columns.tables import Side
from daywatch.measure.evidently_report.widgets import DASHBOARD, OTHERS, Dashboard, dashboard_of

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.drift.priority import RankedColumn
    from daywatch.measure.evidently_report.drift_section import ReportPlots
    from daywatch.results import Metric

_DATA_PLACE = "<!-- no embedded data -->"
_CHARSET = '<meta charset="UTF-8">'
_ROOT_PLACE = f'<div id="root_{DASHBOARD}">'
_END_PLACE = "</body>"
_SCORES = ("drift_score", "prediction_drift", "target_drift")
VERDICT_BEGIN, VERDICT_END = "<!-- verdict -->", "<!-- end of the verdict -->"
"""Between them, the stage ``report`` puts the verdict, which is not known yet when the page is rendered."""

PLACES = (_DATA_PLACE, _CHARSET, _ROOT_PLACE, _END_PLACE)
"""Where text is put into Evidently's page."""
# Nothing is fetched and nothing is sent, whatever the data holds. Plotly compiles functions.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
# An address after # asks no server: the second page opens from a file and inside Airflow's frame alike.
_PAGES = f"""<script>
(function () {{
  const roots = {{"": "root_{DASHBOARD}", "#columns": "root_{OTHERS}"}};
  let plotted = false;
  async function unpack() {{
    const text = document.getElementById("packed_{OTHERS}").textContent.trim();
    const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }}
  async function show() {{
    const wanted = location.hash in roots ? location.hash : "";
    for (const [hash, root] of Object.entries(roots)) document.getElementById(root).hidden = hash !== wanted;
    for (const link of document.querySelectorAll("header nav a"))
      link.style.fontWeight = link.getAttribute("href").replace(/^#$/, "") === wanted ? "bold" : "";
    if (wanted && !plotted) {{
      plotted = true;
      const page = await unpack();
      window.drawDashboard(page.info, new Map(Object.entries({DASHBOARD}_styled(page.details))), roots[wanted]);
    }}
  }}
  window.addEventListener("hashchange", show);
  show();
}})();
</script>
"""


def render_page(
    plots: ReportPlots, model: MonitoredModel, metrics: list[Metric], ranked: list[RankedColumn]
) -> str:
    """Return the page: a head with the numbers of all rows, then Evidently's report.

    Args:
        plots: Evidently's snapshot of the sample.
        model: The monitored model; the page's title names it.
        metrics: The numbers of all rows.
        ranked: The features, the one to look at first first.
    """
    dashboard = dashboard_of(plots.document["widgets"], ranked)
    shell = page_shell()
    policy = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">'
    title = f"<title>{html.escape(model.model)}: drift and performance</title>"
    page = _put(shell, _DATA_PLACE, dashboard.script)
    page = _put(page, _CHARSET, f"{_CHARSET}\n{policy}\n{title}")
    page = _put(page, _ROOT_PLACE, head(plots, model, metrics, dashboard) + _ROOT_PLACE)
    if dashboard.packed:
        second = f'<div id="root_{OTHERS}" hidden></div>\n{dashboard.packed}\n{_PAGES}'
        before, end, after = page.rpartition(_END_PLACE)
        page = before + second + end + after
    return page.strip() + "\n"


def page_shell() -> str:
    """Return Evidently's page without data."""
    from evidently.legacy.model.dashboard import DashboardInfo
    from evidently.legacy.utils.dashboard import TemplateParams, file_html_template

    return str(
        file_html_template(
            TemplateParams(
                dashboard_id=DASHBOARD,
                dashboard_info=DashboardInfo(name="Report", widgets=[]),
                additional_graphs={},
                embed_data=False,
            )
        )
    )


def _put(page: str, place: str, text: str) -> str:
    before, found, after = page.partition(place)
    if not found:
        msg = f"Evidently's page template has no {place!r}: it differs from the version Daywatch is pinned to"
        raise SetupError(msg)
    return before + text + after


def head(plots: ReportPlots, model: MonitoredModel, metrics: list[Metric], dashboard: Dashboard) -> str:
    """Return the page's head: which rows the numbers and the figures come from.

    Args:
        plots: Evidently's snapshot of the sample.
        model: The monitored model.
        metrics: The numbers of all rows.
        dashboard: The data of the page.
    """
    by_name = {metric.name: metric for metric in metrics if not metric.column}
    rows = by_name["rows"]
    sampled = plots.rows
    lines = [
        f"Scores on all {rows.value or 0:,.0f} rows of the window and"
        f" {rows.baseline or 0:,.0f} of the baseline;"
        f" figures from samples of {sampled[Side.WINDOW]:,} and {sampled[Side.BASELINE]:,}.",
        f"Performance on all {by_name['labelled'].value or 0:,.0f} labelled rows is in the table;"
        f" Evidently's performance section is plotted from {plots.labelled:,} of them.",
        *(f"{name}: not plotted, {reason}." for name, reason in plots.left_out),
        *_own_numbers(metrics),
        *filter(None, [model.output.derivation]),
    ]
    table = [metric for metric in metrics if metric.name in METRICS and _is_performance(metric)]
    brief = [metric for metric in table if METRICS[metric.name].brief and not metric.class_name]
    rest = [metric for metric in table if metric not in brief]
    more = f"<details><summary>{len(rest)} more</summary>{_table(rest)}</details>" if rest else ""
    return (
        '<header style="font:14px/1.5 sans-serif;margin:1.5em 2em">'
        f"{VERDICT_BEGIN}{VERDICT_END}"
        f"<h1>{html.escape(model.model)}</h1>"
        + "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        + f"{_navigation(dashboard)}{_table(brief)}{more}</header>\n"
    )


def _own_numbers(metrics: list[Metric]) -> list[str]:
    """Return a sentence for each column whose score is not Evidently's own number."""
    own = {one.column: one.value for one in metrics if one.name == "evidently_drift_score"}
    scored = (one for one in metrics if one.name in _SCORES and one.column in own)
    return [
        f"{one.column}: the score is {_number(one.value)} by {one.method},"
        f" and Evidently's own number is {_number(own[one.column])}."
        for one in scored
        if one.value != own[one.column]
    ]


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


def _navigation(dashboard: Dashboard) -> str:
    if not dashboard.packed:
        return ""
    first, others = (f"{count:,}" for count in (dashboard.columns, dashboard.others))
    return (
        f'<nav><a href="#">Drift and performance, with details of {first} columns</a>'
        f' &middot; <a href="#columns">Details of the other {others} columns</a></nav>'
    )


def _is_performance(metric: Metric) -> bool:
    return METRICS[metric.name].kind is MetricKind.PERFORMANCE


def _interval(metric: Metric) -> str:
    if metric.low is None and metric.high is None:
        return "\N{EN DASH}"
    return f"{_number(metric.low)} to {_number(metric.high)}"


def _count(rows: int | None) -> str:
    return "\N{EN DASH}" if rows is None else f"{rows:,}"


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.6g}"
