"""The page of a model: verdict, plan, charts as tables and CSV, heat map, events, windows."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.loading.custom_metric_checks import CHARTS
from daywatch.config.metrics import METRICS
from daywatch.results import State
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.database import transaction
from daywatch.window import Window
from judgements import Judged, store
from models import NAME
from starlette.testclient import TestClient

HOSTILE = "<script>alert(1)</script>\u202e=1+1"
PAGE = f"/daywatch/{NAME}"
FIRST = date(2024, 3, 3)
STATES = (State.GREEN, State.AMBER, State.RED, State.RED)


def _day(number: int) -> Judged:
    day = FIRST + timedelta(days=number)
    return Judged(
        day.isoformat(), STATES[number], model=NAME, auc=0.9 - number / 10, rows=100 + number, short=HOSTILE
    )


def _rows(of_day: Judged) -> Iterator[tuple[sa.Table, dict[str, object]]]:
    """Return what a measured day has besides."""
    window = Window.of_day(of_day.day)
    key = {
        "model": NAME,
        "window_start": window.start,
        "window_end": window.end,
        "revision": of_day.revision,
    }
    number = (window.first - FIRST).days
    metric = {**key, "slice": "", "class_name": "", "method": "psi", "note": ""}
    for column, value in (("amount", 0.05 + number / 10), (HOSTILE, 0.01)):
        status = "alert" if value > 0.1 else "measured"
        yield (
            result_tables.metric_value,
            {
                **metric,
                "column_name": column,
                "metric": "drift_score",
                "value": value,
                "threshold": 0.1,
                "status": status,
            },
        )
    detail = {"frequent": [{"value": "1", "count": 25}, {"value": HOSTILE, "count": 75}]}
    profile = {**key, "slice": "", "column_name": "prediction", "of_baseline": False, "type": "category"}
    numbers = {"count": 100, "nulls": 0, "non_finite": 0, "distinct_count": 2}
    yield result_tables.column_profile, {**profile, **numbers, "detail": detail}
    if number == 2:
        decision = {
            "trigger": "verdict",
            "decision": "yes",
            "reason": "The verdict is RED.",
            "run_id": "retrain__shop",
            "conditions": [{"name": "labels", "met": True, "reason": "labels are mature"}],
            "decided_by": "",
        }
        yield tables.retraining, {**key, **decision}
        changed = {"position": 0, "code": "model_version_changed", "column_name": "", "detail": "2 served"}
        yield result_tables.finding, {**key, **changed, "count": 1}


@pytest.fixture(autouse=True)
def _judged(deployment: Deployment) -> None:
    days = [_day(number) for number in range(4)]
    # A day was judged twice: only the newest revision is shown.
    store(deployment, Judged("2024-03-03", State.RED, model=NAME, auc=0.1, edition="first"), *days)
    with transaction(deployment.warehouse_url) as connection:
        for table, row in (one for day in days for one in _rows(day)):
            connection.execute(table.insert(), row)
        runs = tables.window_run
        changed = sa.update(runs).where(runs.c.revision == days[3].revision).values(baseline_id="newer")
        connection.execute(changed)
        connection.execute(
            tables.deployment.insert(),
            {
                "model": NAME,
                "deployment_id": "d1",
                "version": "2",
                "endpoint": HOSTILE,
                "environment": {},
                "method": "api",
                "rollout_strategy": "canary",
                "created_at": datetime(2024, 3, 4, 9, tzinfo=UTC),
                "created_by": "ada",
            },
        )


def _table(page: str, chart: str) -> list[list[str]]:
    """Return the cells of a chart's table, its headings first."""
    figure = page.partition(f'data-chart="{chart}"')[2].partition("</figure>")[0]
    rows = [re.split(r"<t[hd](?: scope=[^>]+)?>", row)[1:] for row in figure.split("<tr>")[1:]]
    return [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in rows]


def test_the_verdict_its_plan_and_since_when(client: TestClient) -> None:
    page = client.get(PAGE).text

    assert re.search(r'<h1>shop <span class="chip RED">RED', page)
    assert "RED since 2024-03-05: " in page
    plan = page.partition('aria-labelledby="plan"')[2].partition("</section>")[0]
    assert re.findall(r'<th scope="row">([^<]+)', plan) == ["Share of records or rows quarantined", "ROC AUC"]


def test_a_chart_is_a_table_of_the_newest_revisions_and_a_csv(client: TestClient) -> None:
    page = client.get(PAGE).text
    file = client.get(f"{PAGE}/charts/roc_auc.csv?from=2024-03-04&to=2024-03-06")

    assert _table(page, "roc_auc") == [
        ["Window", "Value", "Verdict"],
        ["2024-03-03", "0.900", "GREEN"],
        ["2024-03-04", "0.800", "AMBER"],
        ["2024-03-05", "0.700", "RED"],
        ["2024-03-06", "0.600", "RED"],
    ]
    assert 'data-lines="GREEN 0.800;RED 0.700;"' in page
    assert _table(page, "volume")[1] == ["2024-03-03", "100", "100", "99", "GREEN"]
    assert _table(page, "classes")[1] == [
        "2024-03-03",
        "75.0 %",
        "25.0 %",
    ]
    assert [row[:2] for row in csv.reader(io.StringIO(file.text))] == [
        ["Window", "Value"],
        ["2024-03-04", "0.8"],
        ["2024-03-05", "0.7"],
        ["2024-03-06", "0.6000000000000001"],
    ]
    assert client.get(f"{PAGE}/charts/nothing.csv").status_code == 404


def test_no_chart_has_the_name_of_a_custom_metric(client: TestClient) -> None:
    charts = set(re.findall(r'data-chart="([^"]+)"', client.get(PAGE).text))
    files = re.findall(r"/charts/([^.]+)\.csv", client.get(PAGE).text)

    assert {*charts, *files} - set(METRICS) <= CHARTS
    assert len(files) == len(set(files))


def test_the_heat_map_shows_what_drifted_most_and_its_csv_all(client: TestClient) -> None:
    page = client.get(PAGE).text
    heat = page.partition('<table class="heat">')[2].partition("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', heat)

    assert [name for name, _ in rows] == ["amount", html.escape(HOSTILE).replace("\u202e", "\\u202e")]
    cells = re.findall(r'class="h(\d)" title="([^"]+)">(!?)<', rows[0][1])
    assert cells == [("0", "0.5", ""), ("2", "1.5", "!"), ("3", "2.5", "!"), ("3", "3.5", "!")]
    drift = list(csv.reader(io.StringIO(client.get(f"{PAGE}/charts/drift.csv").text)))
    assert len(drift) == 1 + 2 * 4
    assert all(len(row) == 5 for row in drift)


def test_what_happened_is_marked_in_the_charts(client: TestClient) -> None:
    page = client.get(PAGE).text

    assert re.findall(r'<li data-day="([^"]+)" data-kind="(\w+)"', page) == [
        ("2024-03-04", "deployment"),
        ("2024-03-05", "retraining"),
        ("2024-03-05", "version"),
        ("2024-03-06", "baseline"),
    ]


def test_a_retraining_is_marked_however_many_decisions_follow_it(
    client: TestClient, deployment: Deployment
) -> None:
    window = Window.of_day("2024-03-06")
    decision = {"model": NAME, "window_start": window.start, "window_end": window.end, "run_id": ""}
    decision |= {"trigger": "verdict", "decision": "no", "reason": "", "conditions": [], "decided_by": ""}
    with transaction(deployment.warehouse_url) as connection:
        rows = [{**decision, "revision": f"{number:016x}"} for number in range(250)]
        connection.execute(tables.retraining.insert(), rows)

    assert 'data-day="2024-03-05" data-kind="retraining"' in client.get(PAGE).text


def test_the_days_are_in_the_address(client: TestClient) -> None:
    def shown(query: str) -> list[str]:
        return [row[0] for row in _table(client.get(f"{PAGE}?{query}").text, "volume")[1:]]

    assert shown("from=2024-03-04&to=2024-03-05") == ["2024-03-04", "2024-03-05"]
    assert shown("to=2024-03-04") == ["2024-03-03", "2024-03-04"]
    assert shown("from=1990-01-01") == [f"2024-03-0{day}" for day in range(3, 7)]
    assert "No window of these days has been judged" in client.get(f"{PAGE}?to=2020-01-01").text
    assert client.get(f"{PAGE}?from=yesterday").status_code == 404


def test_captured_values_are_only_text(client: TestClient) -> None:
    page = client.get(PAGE).text

    assert "<script>alert" not in page
    assert "\u202e" not in page
    first = client.get(f"{PAGE}/charts/classes.csv").text.splitlines()[0]
    assert first.startswith("Window,")


def test_a_model_without_yaml_is_shown_as_retired(client: TestClient, deployment: Deployment) -> None:
    (deployment.models / f"{NAME}.yaml").unlink()

    page = client.get(PAGE).text

    assert "it is retired" in page
    assert "data-lines" not in page
    assert len(_table(page, "roc_auc")) == 5
