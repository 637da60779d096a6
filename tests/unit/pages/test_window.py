"""The page of a window: its sections, its revisions, its files, and who may judge it again."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from daywatch.config.deployment.deployment import Deployment
from daywatch.pages import access
from daywatch.results import State
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from fastapi import FastAPI
from judgements import Judged, store
from models import NAME
from starlette.testclient import TestClient
from stored_evidence import write_evidence

from .conftest import judged_again

HOSTILE = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(2)>'
DAY = Judged("2024-03-03", State.RED, model=NAME)
PAGE = f"/daywatch/{NAME}/2024-03-03"


@pytest.fixture(autouse=True)
def _judged(deployment: Deployment) -> None:
    before, after = (Judged(day, State.GREEN, model=NAME) for day in ("2024-03-01", "2024-03-04"))
    store(deployment, before, DAY, after)
    write_evidence(deployment, DAY, HOSTILE)


def _section(page: str, name: str) -> str:
    """Return the words of a section, with one space between them."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


def test_the_causes_come_first_and_what_follows_below_them(client: TestClient) -> None:
    causes = _section(client.get(PAGE).text, "causes")

    order = [
        *("AMBER data country has the new", "explains 75.0 % of the fall of performance"),
        *("RED world, follows ROC AUC fell to 0.600", "GREY service no latency was captured"),
        *("1 rule met", "2 records quarantined"),
    ]
    places = [causes.index(text) for text in order]
    assert places == sorted(places)


def test_the_sections_show_what_was_read_validated_and_measured(client: TestClient) -> None:
    page = client.get(PAGE).text

    validation = _section(page, "validation")
    assert "country: column values to be in set critical 1 row failed (2.0 %)" in validation
    assert "1 expectation failed or could not be evaluated, 1 met" in validation
    counts = _section(page, "counts")
    for part in (
        "Records read 56",
        "Quarantined 2",
        "Duplicate 3",
        "Unanswered 1",
        "Labelled 49",
        "bad_json (2",
    ):
        assert part in counts
    assert "4,700 ms baseline 900 ms" in counts
    performance = _section(page, "performance")
    assert "ROC AUC 0.600 0.900 -0.300 0.500 to 0.700, 49 rows" in performance
    assert "0 4 (8) 6 (12) 1 7 (14) 32 (64)" in performance
    slices = _section(page, "slices")
    assert "20 40.0 % 90.0 % 30.0 % 0.500 0.900" in slices
    assert "country=FR 0.700 0.800 25" in slices


def test_columns_are_sorted_by_drift_times_importance_with_their_distributions(client: TestClient) -> None:
    page = client.get(PAGE).text

    # amount drifted less than country and matters nine times as much; items did not drift.
    table = page.partition('<table class="columns">')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="row">(\w+)', table) == ["amount", "country", "items"]
    assert table.count("<svg") == 3
    assert 'aria-label="amount, share of rows in this window (in the baseline): ' in table


def test_captured_values_are_only_text(client: TestClient) -> None:
    page = client.get(PAGE).text

    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 6  # cause, findings, validation, column, slice, quarantine


def test_the_days_around_are_a_click_away_and_airflow_shows_its_runs(client: TestClient) -> None:
    page = client.get(PAGE).text

    assert f'rel="prev" href="/daywatch/{NAME}/2024-03-01"' in page
    assert f'rel="next" href="/daywatch/{NAME}/2024-03-04"' in page
    assert f'href="/dags/monitor__{NAME}/runs?partition_key_pattern=2024-03-03" data-airflow' in page
    frame = client.get(f"{PAGE}/{DAY.revision}/evidently").text
    assert f'src="{PAGE}/{DAY.revision}/evidently.html"' in frame
    assert re.search(rf'rel="next" href="/daywatch/{NAME}/2024-03-04/\w{{16}}/evidently"', frame)


def test_a_window_is_shown_as_it_was_known(client: TestClient, deployment: Deployment) -> None:
    late = Judged("2024-03-03", State.GREEN, model=NAME, edition="late labels")
    store(deployment, late)
    with transaction(deployment.warehouse_url) as connection:
        for revision, day in ((DAY.revision, 4), (late.revision, 9)):
            recorded = datetime(2024, 3, day, 23, 59, tzinfo=UTC)
            runs = tables.window_run
            connection.execute(
                sa.update(runs).where(runs.c.revision == revision).values(recorded_at=recorded)
            )

    newest, then = client.get(PAGE).text, client.get(f"{PAGE}?known_on=2024-03-08").text

    assert re.search(r"<h1>.*GREEN", newest)
    assert re.search(r"<h1>.*RED", then)
    assert "This is how the window was known on 2024-03-04 23:59 UTC." in then
    revisions = _section(newest, "revisions")
    assert revisions.index("2024-03-09 23:59 UTC GREEN") < revisions.index("2024-03-04 23:59 UTC RED")
    assert client.get(f"{PAGE}?known_on=2024-03-03").status_code == 404
    assert re.search(r"<h1>.*RED", client.get(f"{PAGE}/{DAY.revision}").text)


def test_files_are_downloads_by_name_and_nothing_else_is(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "daywatch.pages")
    files = f"{PAGE}/{DAY.revision}/files"

    verdict, rows = client.get(f"{files}/verdict.json"), client.get(f"{files}/inferences.parquet")

    assert json.loads(verdict.text)["state"] == "RED"
    assert verdict.headers["content-disposition"] == (
        f'attachment; filename="{NAME}-2024-03-03-verdict.json"'
    )
    assert rows.content[:4] == b"PAR1"
    assert f"ada downloaded inferences.parquet of {NAME}, 2024-03-03" in caplog.text
    assert client.get(f"{files}/suite.json").status_code == 404  # the test stored none
    for path in ("mail.json", "..%2f..%2fverdict.json", "../../verdict.json", "report.html"):
        assert client.get(f"{files}/{path}").status_code == 404


def test_without_its_files_a_window_shows_what_the_warehouse_has(
    client: TestClient, deployment: Deployment
) -> None:
    (Path(deployment.artifacts_uri) / DAY.folder.verdict).unlink()

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert "The files of this revision are no longer stored." in answer.text
    assert "ROC AUC 0.900" in answer.text


def test_a_day_that_was_not_judged_says_so(client: TestClient) -> None:
    for path, status in (("2024-03-02", 404), ("2024-02-30", 404), ("2024-03-03/0123456789abcdef", 404)):
        assert client.get(f"/daywatch/{NAME}/{path}").status_code == status
    assert (
        f"The window 2024-03-02 of {NAME} was not judged." in client.get(f"/daywatch/{NAME}/2024-03-02").text
    )


def test_judging_again_needs_the_right_and_a_request_from_our_page(app: FastAPI, client: TestClient) -> None:
    judged_again.clear()
    own = {"sec-fetch-site": "same-origin"}
    foreign = ({}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}, {"origin": "http://evil"})

    for headers in foreign:
        assert client.post(f"{PAGE}/judge", headers=headers).status_code == 403
    assert judged_again == []
    done = client.post(f"{PAGE}/judge", headers=own)
    client.post(f"{PAGE}/judge", headers={"origin": "http://testserver"})
    app.state.pages.dependency_overrides[access.editor] = lambda: lambda _: False
    refused = client.post(f"{PAGE}/judge", headers=own)

    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?started=1")
    assert judged_again == [(NAME, "2024-03-03")] * 2
    assert refused.status_code == 403
    assert "Judge again" not in client.get(PAGE).text


def test_a_window_of_a_retired_model_cannot_be_judged_again(
    client: TestClient, deployment: Deployment
) -> None:
    assert "Judge again" in client.get(PAGE).text
    (deployment.models / f"{NAME}.yaml").unlink()
    assert "Judge again" not in client.get(PAGE).text


def test_the_curves_come_from_the_rows(client: TestClient) -> None:
    part = client.get(f"{PAGE}/{DAY.revision}/curves").text

    assert part.count("<svg") == 2
    assert "From 50 labelled rows of the window and 50 labelled rows of the baseline." in part
