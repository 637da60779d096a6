"""Evidently's widgets as the data of the page: the columns to look at first, the others on a second page.

The browser plots a column's details when its row is opened, but parses them when the page is. So the second
page stays compressed until somebody opens it, and the page holds only once what all figures share.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daywatch.measure.drift.priority import RankedColumn

DASHBOARD = "daywatch_report"
OTHERS = "daywatch_columns"
COLUMNS = 50
"""Columns with details on the first page."""

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_STYLED = f"""function {DASHBOARD}_styled(graphs) {{
  for (const graph of Object.values(graphs)) {{
    const layout = (graph.params || graph).layout;
    if (layout && layout.template === "{DASHBOARD}") layout.template = {DASHBOARD}_template;
  }}
  return graphs;
}}"""

Widget = dict[str, Any]


@dataclass(frozen=True)
class Dashboard:
    """The data of the page.

    Attributes:
        script: A script element with the data of the first page.
        packed: A script element with the data of the second page, gzip in base64; empty without a second page.
        columns: How many columns have details on the first page.
        others: How many columns are on the second page.
    """

    script: str
    packed: str
    columns: int
    others: int


def script_json(value: Any) -> str:
    """Return JSON that is safe in a script element: no captured text can end the element."""
    text = _json(value)
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


def dashboard_of(widgets: list[Widget], ranked: list[RankedColumn]) -> Dashboard:
    """Divide the widgets between the two pages.

    Args:
        widgets: The widgets of Evidently's snapshot, in its order.
        ranked: The features, the one to look at first first.
    """
    places = {one.column: place for place, one in enumerate(ranked)}
    first, others = [], []
    columns = 0
    for widget in widgets:
        if not _is_table_of_columns(widget):
            first.append(widget)
            continue
        table = _ranked(widget, ranked, places)
        rows = table["params"]["data"]
        columns += min(len(rows), COLUMNS)
        first.append(_with_rows(table, rows[:COLUMNS], table["title"]))
        if rows[COLUMNS:]:
            others.append(_with_rows(table, rows[COLUMNS:], f"The other {len(rows) - COLUMNS:,} columns"))
    template = _shared_template(widgets)
    data = (
        f"<script>\nvar {DASHBOARD}_template = {script_json(template)};\n{_STYLED}\n"
        f"var {DASHBOARD} = {script_json(_info(first, DASHBOARD))};\n"
        f"var additional_graphs_{DASHBOARD} = {DASHBOARD}_styled({script_json(_details(first, template))});\n"
        "</script>"
    )
    packed = {"info": _info(others, OTHERS), "details": _details(others, template)}
    rest = sum(len(table["params"]["data"]) for table in others)
    return Dashboard(data, _packed(packed) if others else "", columns, rest)


def _is_table_of_columns(widget: Widget) -> bool:
    fields = {column.get("field") for column in (widget.get("params") or {}).get("columns", ())}
    return widget["type"] == "big_table" and {"column_name", "drift_score"} <= fields


def _ranked(table: Widget, ranked: list[RankedColumn], places: dict[str, int]) -> Widget:
    """Return the table in our order, with the importance of each column next to its score."""
    importance = {one.column: one.importance for one in ranked}
    rows = [
        {**row, "importance": _shown(importance.get(row["column_name"]))}
        for row in sorted(
            table["params"]["data"],
            key=lambda row: (places.get(row["column_name"], len(places)), row["column_name"]),
        )
    ]
    columns = [*table["params"]["columns"], {"field": "importance", "title": "Importance"}]
    return {**table, "params": {**table["params"], "columns": columns, "data": rows}}


def _shown(importance: float | None) -> str:
    return "" if importance is None else f"{importance:.3g}"


def _with_rows(table: Widget, rows: list[dict[str, Any]], title: str) -> Widget:
    """Return the table with these rows only, and only their details."""
    wanted = {part["id"] for row in rows for part in (row.get("details") or {}).get("parts", ())}
    return {
        **table,
        "title": title,
        "params": {**table["params"], "data": rows},
        "additionalGraphs": [graph for graph in table["additionalGraphs"] if graph["id"] in wanted],
    }


def _info(widgets: list[Widget], name: str) -> dict[str, Any]:
    group = {
        "type": "group",
        "title": "",
        "size": 2,
        "id": f"{name}_all",
        "widgets": _without_details(widgets),
    }
    return {"name": "Report", "widgets": [group]}


def _graphs(widgets: list[Widget]) -> list[Widget]:
    found: list[Widget] = []
    for widget in widgets:
        found += widget["additionalGraphs"] + _graphs(widget["widgets"])
    return found


def _details(widgets: list[Widget], template: Any) -> dict[str, Any]:
    return {graph["id"]: _graph(graph, template) for graph in _graphs(widgets)}


def _graph(graph: Widget, template: Any) -> Any:
    figure = graph.get("params")
    if isinstance(figure, dict) and template and (figure.get("layout") or {}).get("template") == template:
        layout = {**figure["layout"], "template": DASHBOARD}  # (a word for it, which the page replaces)
        graph = {**graph, "params": {**figure, "layout": layout}}
    return graph["params"] if graph.keys() == {"id", "params"} else graph


def _shared_template(widgets: list[Widget]) -> Any:
    """Return the template that most figures carry, 8 kB each."""
    templates = Counter(
        _json(figure["layout"]["template"])
        for graph in _graphs(widgets)
        if isinstance(figure := graph.get("params"), dict) and (figure.get("layout") or {}).get("template")
    )
    return json.loads(templates.most_common(1)[0][0]) if templates else None


def _without_details(widgets: list[Widget]) -> list[Widget]:
    """Drop what the page finds by id in the second variable."""
    return [
        {**widget, "additionalGraphs": [], "widgets": _without_details(widget["widgets"])}
        for widget in widgets
    ]


def _packed(value: Any) -> str:
    packed = base64.b64encode(gzip.compress(_json(value).encode(), mtime=0)).decode()
    return f'<script type="application/gzip" id="packed_{OTHERS}">{packed}</script>'


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
