"""Evidently's widgets divided between two pages."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from daywatch.measure.drift.priority import RankedColumn
from daywatch.measure.evidently_report import widgets as dashboard
from daywatch.measure.evidently_report.widgets import DASHBOARD, dashboard_of, script_json

TEMPLATE = {"layout": {"colorway": ["#000"] * 50}}


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "]]>", "a\u2028b", "&amp;", '"']
)
def test_no_text_can_end_the_script_element(text: str) -> None:
    written = script_json({"value": [text]})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"value": [text]}


def widget(kind: str, params: Any = None, graphs: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"type": kind, "title": "given", "params": params, "additionalGraphs": list(graphs), "widgets": []}


def figure(number: int, template: Any = TEMPLATE) -> dict[str, Any]:
    return {"id": f"g{number}", "params": {"data": [number], "layout": {"template": template, "x": number}}}


def table(names: list[str]) -> dict[str, Any]:
    rows = [{"column_name": name, "details": {"parts": [{"id": f"g{n}"}]}} for n, name in enumerate(names)]
    columns = [{"field": "column_name"}, {"field": "drift_score"}]
    return widget(
        "big_table", {"columns": columns, "data": rows}, tuple(figure(n) for n in range(len(names)))
    )


def ranked(*names: str) -> list[RankedColumn]:
    return [RankedColumn(name, drifted=True, drift=1.0, importance=0.5) for name in names]


def variable(script: str, name: str) -> Any:
    (found,) = re.findall(rf"^var {name} = (?:{DASHBOARD}_styled\()?(.*?)\)?;$", script, re.MULTILINE)
    return json.loads(found)


def packed(page: str) -> Any:
    (text,) = re.findall(
        r'<script type="application/gzip" id="packed_daywatch_columns">([\w+/=]*)</script>', page
    )
    return json.loads(gzip.decompress(base64.b64decode(text)))


def listed(info: dict[str, Any]) -> list[str]:
    (group,) = info["widgets"]
    return [
        row["column_name"]
        for one in group["widgets"]
        if one["type"] == "big_table"
        for row in one["params"]["data"]
    ]


def test_the_first_columns_are_on_the_first_page_with_their_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "COLUMNS", 2)
    made = dashboard_of([widget("counter"), table(["a", "b", "c"])], ranked("c", "a", "b"))
    assert listed(variable(made.script, DASHBOARD)) == ["c", "a"]
    assert set(variable(made.script, f"additional_graphs_{DASHBOARD}")) == {"g2", "g0"}
    second = packed(made.packed)
    assert listed(second["info"]) == ["b"]
    assert set(second["details"]) == {"g1"}
    assert (made.columns, made.others) == (2, 1)


def test_few_columns_need_no_second_page() -> None:
    made = dashboard_of([table(["a", "b"])], ranked("b", "a"))
    assert (made.packed, made.columns, made.others) == ("", 2, 0)
    (group,) = variable(made.script, DASHBOARD)["widgets"]
    assert [row["importance"] for row in group["widgets"][0]["params"]["data"]] == ["0.5", "0.5"]


def test_what_all_figures_share_stands_there_once() -> None:
    given = table(["a", "b", "c"])
    given["additionalGraphs"].append(figure(9, template={"another": 1}))
    made = dashboard_of(
        [given, widget("counter", None, (figure(8, template={"another": 1}),))], ranked("a", "b", "c")
    )
    details = variable(made.script, f"additional_graphs_{DASHBOARD}")
    assert variable(made.script, f"{DASHBOARD}_template") == TEMPLATE
    assert details["g0"]["layout"] == {"template": DASHBOARD, "x": 0}
    assert details["g8"]["layout"]["template"] == {"another": 1}
    assert made.script.count("#000") == 50


@pytest.mark.parametrize("columns", [60])
def test_a_wide_report_is_small_and_leads_to_its_second_page(
    measure: Callable[..., Any], model_of: Callable[..., Any], columns: int
) -> None:
    names = [f"x{number:02d}" for number in range(columns)]
    random = np.random.default_rng(0)
    answers = {"prediction": ["0", "1"] * 30, "probability": [0.2, 0.8] * 30, "label": ["0", "1"] * 30}
    old = {name: random.normal(0, 1, 60).tolist() for name in names}
    new = {name: random.normal(5 if name == "x59" else 0, 1, 60).tolist() for name in names}
    page = measure(
        model_of(dict.fromkeys(names, "number")), {**old, **answers}, {**new, **answers}
    ).html.read_text()
    assert len(page) < 6_000_000
    assert '<a href="#columns">Details of the other 10 columns</a>' in page
    first = listed(variable(page, DASHBOARD))
    assert first[0] == "x59"
    second = packed(page)
    assert sorted([*first, *listed(second["info"])]) == names
    assert all(figure["params"]["layout"]["template"] == DASHBOARD for figure in second["details"].values())
