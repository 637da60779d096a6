"""The pages on a local folder and a SQLite warehouse; who may see them is tested on a real Airflow."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest
import sqlalchemy as sa
from daywatch.config.deployment.connections import Connection
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.model.model import MonitoredModel
from daywatch.pages import access
from daywatch.results import State
from daywatch.warehouse import result_tables, tables
from daywatch.warehouse.database import transaction
from fastapi import FastAPI
from judgements import Judged, store
from models import NAME, content, write_model
from pydantic import SecretStr, ValidationError
from starlette.testclient import TestClient
from stored_inferences import write_rows

MODELS = frozenset({"flights", "claims", "quiet", "silent"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())


def _read(text: str) -> _Text:
    page = _Text()
    page.feed(text)
    return page


def test_the_list_shows_the_worst_first_with_its_newest_verdict(
    client: TestClient, deployment: Deployment
) -> None:
    store(
        deployment,
        Judged("2013-02-08", State.RED, model="quiet"),
        Judged("2013-02-09", State.GREEN, model="quiet"),
        Judged("2013-02-09", State.GREY, model="silent", short="no captures"),
        Judged("2013-02-09", State.RED, model="claims", tier=2),
        Judged("2013-02-09", State.RED, short="ROC AUC 0.635 (red <= 0.7)"),
        Judged("2013-02-09", State.RED, model="secret"),
    )

    page = _read(client.get("/daywatch/").text)

    assert [word for word in page.words if word in MODELS | {"secret"}] == [
        "flights",
        "claims",
        "silent",
        "quiet",
    ]
    assert page.words[page.words.index("flights") + 2 :][:6] == [
        *("RED", "2013-02-09", ",", "since 2013-02-09", "retired", "ROC AUC 0.635 (red <= 0.7)"),
    ]
    assert "/daywatch/flights/2013-02-09" in page.links


SQUARE = re.compile(
    r'class="square (\w+)" href="\S+" aria-label="(\S+) (\w+)(?:: [^"]*)?" title="[^"]*">(.)<'
)


def test_the_squares_are_the_states_of_the_last_thirty_days_in_words_and_signs(
    client: TestClient, deployment: Deployment
) -> None:
    states = {1: State.RED, 2: State.GREEN, 3: State.GREEN, 30: State.AMBER, 31: State.RED}
    store(deployment, *(Judged(f"2013-01-{day:02d}", state) for day, state in states.items()))
    # New labels: a shown window was judged again, and only that verdict counts.
    store(deployment, Judged("2013-01-02", State.GREY, edition="late labels"))

    shown = client.get("/daywatch/").text

    assert SQUARE.findall(shown) == [
        ("GREY", "2013-01-02", "GREY", "?"),
        ("GREEN", "2013-01-03", "GREEN", "✓"),
        ("AMBER", "2013-01-30", "AMBER", "!"),
        ("RED", "2013-01-31", "RED", "✕"),
    ]
    row = shown.partition('<th scope="row">')[2].partition("</tr>")[0]
    assert len(re.findall("<td>", row)) == 30
    assert shown.count("<td></td>") == 26
    assert re.findall(r'class="day">(\S+)</th>', shown)[::29] == ["2013-01-02", "2013-01-31"]


def test_a_row_says_since_when_its_verdict_stands(client: TestClient, deployment: Deployment) -> None:
    store(
        deployment,
        *(Judged(f"2013-02-{day:02d}", State.RED if day > 5 else State.GREEN) for day in range(1, 10)),
        *(Judged(f"2013-01-{day:02d}", State.GREEN, model="quiet") for day in range(1, 32)),
    )

    words = _read(client.get("/daywatch/").text).words

    assert [word for word in words if word.startswith("since")] == [
        "since 2013-02-06",
        "since 2013-01-02 or earlier",
    ]


def _fleet(deployment: Deployment, models: int, days: int) -> frozenset[str]:
    """Store copies of a judged window for every third model RED, the others GREEN."""
    short = "drift_score of passenger_count 0.412 (red > 0.3) and 11 more"
    store(deployment, Judged("2013-02-09", State.RED, short=short))
    names = [f"model_{number:03d}" for number in range(models)]
    with transaction(deployment.warehouse_url) as connection:
        for table in (tables.model, tables.window_run, result_tables.verdict):
            ((row, *_),) = [connection.execute(sa.select(table)).mappings().all()]
            connection.execute(table.delete())
            copies = []
            for number, name in enumerate(names):
                own = {"model": name}
                if table is tables.model:
                    where = f"/corp/area_{number % 4}" if number % 2 else "/other"
                    own |= {"namespace": where, "owner": f"team {number % 4}", "tier": number % 2 + 1}
                    copies.append({**row, **own})
                    continue
                if table is result_tables.verdict:
                    own |= {"state": "GREEN" if number % 3 else "RED"}
                for day in range(days):
                    moved = {key: row[key] + timedelta(days=day) for key in ("window_start", "window_end")}
                    copies.append({**row, **own, **moved})
            connection.execute(table.insert(), copies)
    return frozenset(names)


def test_a_silent_day_is_shown_as_one_and_makes_no_model_late(
    client: TestClient, deployment: Deployment
) -> None:
    write_model(deployment.models, model="quiet", schedule__silent="weekends")
    store(
        deployment,
        Judged("2013-02-08", State.GREEN, model="quiet"),
        Judged("2013-02-10", State.GREEN, model="claims"),
    )

    page = client.get("/daywatch/").text

    assert 'title="2013-02-09 silent: Saturday"' in page
    assert 'title="2013-02-10 silent: Sunday"' in page
    assert "2013-02-07 silent" not in page
    assert "2 judged for 2013-02-10, 0 late" in page


def test_two_hundred_models_of_thirty_days_are_pages_of_less_than_500_kb(
    app: FastAPI, client: TestClient, deployment: Deployment
) -> None:
    names = _fleet(deployment, 200, 30)
    app.state.pages.dependency_overrides[access.readable_models] = lambda: names

    seen: list[str] = []
    answer = client.get("/daywatch/?page=1")
    for page in range(1, 5):
        assert len(answer.content) < 500_000
        assert len(SQUARE.findall(answer.text)) == 50 * 30
        assert f"Page {page} of 4" in answer.text
        seen += re.findall(r'<th scope="row"><a href="/daywatch/(\w+)"', answer.text)
        following = re.search('rel="next" href="([^"]+)"', answer.text)
        answer = client.get(html.unescape(following[1])) if following else answer
    assert (len(seen), set(seen)) == (200, names)
    assert "Page 4 of 4" in client.get("/daywatch/?page=9").text


def test_the_fleet_is_grouped_and_its_filters_stay_in_the_address(
    app: FastAPI, client: TestClient, deployment: Deployment
) -> None:
    names = _fleet(deployment, 120, 2)
    app.state.pages.dependency_overrides[access.readable_models] = lambda: names

    def shown(query: str) -> set[int]:
        rows = re.findall(r'<th scope="row"><a href="/daywatch/model_(\d+)"', client.get(query).text)
        return {int(row) for row in rows}

    whole = client.get("/daywatch/").text
    groups = re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)</th>', whole)
    first = whole.partition("</tbody>")[0]
    assert groups[0] == "/other · team 0"  # it has a RED model of tier 1, and the first name
    assert [int(one) for one in re.findall(r"daywatch/model_(\d+)\"", first)] == [
        *range(0, 120, 12),
        *(number for number in range(0, 120, 4) if number % 3),
    ]
    assert shown("/daywatch/?state=RED&tier=2&namespace=/corp") == set(range(3, 120, 6))
    assert shown("/daywatch/?owner=team+1&state=RED") == set(range(9, 120, 12))
    assert shown("/daywatch/?namespace=/corp/area") == set()
    assert shown("/daywatch/?text=EL_007") == {7}
    assert shown("/daywatch/?text=passenger&state=none") == set()

    filtered = client.get("/daywatch/?state=GREEN&text=model&page=1").text
    assert 'href="/daywatch/?state=GREEN&amp;text=model&amp;page=2"' in filtered
    assert "<option selected>GREEN</option>" in filtered
    assert 'name="text" maxlength="200" value="model"' in filtered
    assert "80 models of 120" in filtered
    for wrong in ("state=PURPLE", "tier=x", "page=0"):
        assert client.get(f"/daywatch/?{wrong}").status_code == 404


def test_a_model_shows_its_windows_newest_first(client: TestClient, deployment: Deployment) -> None:
    red = Judged("2013-02-09", State.RED, auc=0.635, rows=742, short="ROC AUC 0.635")
    grey = Judged("2013-02-10", State.GREY, auc=None, short="no labels")
    store(deployment, red, grey)

    page = _read(client.get("/daywatch/flights").text)

    assert page.words[len(page.words) - page.words[::-1].index("Reason") :] == [
        *("2013-02-10", "GREY", "1,234", "1,233", "no labels"),
        *("2013-02-09", "RED", "742", "741", "ROC AUC 0.635"),
    ]
    assert page.links[-2:] == ["/daywatch/flights/2013-02-10", "/daywatch/flights/2013-02-09"]


def test_without_a_verdict_the_pages_say_so(client: TestClient) -> None:
    assert "No model has been judged yet" in client.get("/daywatch/").text

    answer = client.get("/daywatch/flights")

    assert answer.status_code == 404
    assert "The warehouse has no model flights" in answer.text


HOSTILE = "<script>alert(1)</script>\u202e\" onmouseover='x' {{ 7*7 }}"


@pytest.mark.parametrize("path", ["/daywatch/", "/daywatch/flights"])
def test_captured_text_is_only_text(client: TestClient, deployment: Deployment, path: str) -> None:
    store(deployment, Judged("2013-02-09", State.RED, short=HOSTILE))

    shown = client.get(path).text

    assert "<script>alert" not in shown
    assert "\u202e" not in shown
    assert "49" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e&#34; onmouseover=&#39;x&#39; {{ 7*7 }}" in shown


def _directives(policy: str) -> dict[str, str]:
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}


def test_the_documents_are_streamed_with_their_policies(client: TestClient, deployment: Deployment) -> None:
    judged = Judged("2013-02-09", State.RED)
    store(deployment, judged)
    address = f"/daywatch/flights/2013-02-09/{judged.revision}"

    report, evidently = (client.get(f"{address}/{name}.html") for name in ("report", "evidently"))

    assert report.text.startswith("<title>report 2013-02-09</title>")
    assert evidently.text.startswith("<title>evidently 2013-02-09</title>")
    assert report.headers["content-type"] == "text/html; charset=utf-8"
    policy = _directives(report.headers["content-security-policy"])
    assert (policy["default-src"], policy["sandbox"]) == ("'none'", "allow-same-origin")
    assert "script-src" not in policy
    policy = _directives(evidently.headers["content-security-policy"])
    assert (policy["default-src"], policy["sandbox"]) == ("'none'", "allow-scripts")
    assert policy["frame-ancestors"] == "'self'"


def test_a_large_document_arrives_whole(client: TestClient, deployment: Deployment) -> None:
    judged = Judged("2013-02-09", State.RED)
    store(deployment, judged)
    content = bytes(range(256)) * (80 << 10)  # 20 MB: several chunks
    (Path(deployment.artifacts_uri) / judged.folder.evidently_html).write_bytes(content)

    answer = client.get(f"/daywatch/flights/2013-02-09/{judged.revision}/evidently.html")

    assert answer.content == content


def test_no_address_of_the_pages_hides_a_model(app: FastAPI) -> None:
    """The first part of an address is that of a model, or no model may have it as its name."""
    firsts = {route.path.split("/")[1] for route in app.state.pages.routes}
    fixed = {first for first in firsts if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", first)}

    assert fixed == {"metrics"}
    for name in fixed:
        with pytest.raises(ValidationError, match="choose another name for the model"):
            MonitoredModel.model_validate(content(model=name))


@pytest.mark.parametrize(
    ("path", "referrer"),
    [
        *((page, "same-origin") for page in ("/", "/flights", "/nobody", "/a/b", "/A")),
        ("/flights/2013-02-09/{revision}/report.html", "no-referrer"),
    ],
)
def test_every_answer_has_the_headers(
    client: TestClient, deployment: Deployment, path: str, referrer: str
) -> None:
    """A page's forms need their origin: with ``no-referrer`` a browser sends the origin ``null``."""
    judged = Judged("2013-02-09", State.RED)
    store(deployment, judged)

    answer = client.get("/daywatch" + path.format(revision=judged.revision))

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == referrer
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_a_missing_document_is_told(client: TestClient, deployment: Deployment) -> None:
    judged = Judged("2013-02-09", State.RED)
    store(deployment, judged)
    (Path(deployment.artifacts_uri) / judged.folder.evidently_html).unlink()

    answer = client.get(f"/daywatch/flights/2013-02-09/{judged.revision}/evidently.html")

    assert answer.status_code == 404
    assert (
        f"There is no evidently.html of flights for 2013-02-09 at revision {judged.revision}." in answer.text
    )
    assert "/daywatch/flights" in _read(answer.text).links


@pytest.mark.parametrize(
    "path",
    [
        "/flights/2013-02-09/{revision}/verdict.json",
        "/flights/2013-02-09/{revision}/../../../../../warehouse.sqlite",
        "/flights/2013-02-09/{revision}/..%2Freport.html",
        "/flights/2013-02-09/..%2f{revision}/report.html",
        "/flights/2013-02-09%00/{revision}/report.html",
        "/flights/2013-02-9/{revision}/report.html",
        "/flights/2013-02-09%0a/{revision}/report.html",
        "/..%2fflights/2013-02-09/{revision}/report.html",
        "/Flights/2013-02-09/{revision}/report.html",
        "/flights/2013-02-09/{revision}%0a/report.html",
        "/flights/2013-02-09/{revision}A/report.html",
        "/flights?from=x",
        *(
            "/flights?from=9999-12-31",
            "/flights?to=9999-12-31",
            "/flights?from=0001-01-01",
            "/flights?to=0001-01-01",
        ),
        *("/flights/9999-12-31", "/flights/9999-12-31/{revision}/report"),
        "/flights%0a",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/openapi.json",
    ],
)
def test_nothing_but_the_addresses_of_documents_is_served(
    client: TestClient, deployment: Deployment, path: str
) -> None:
    judged = Judged("2013-02-09", State.RED)
    store(deployment, judged)

    answer = client.get("/daywatch" + path.format(revision=judged.revision))

    assert answer.status_code == 404
    # Refused as an address, before anything was looked for in the storage or the warehouse; a line break
    # and dots do not even reach the pages.
    assert "There is no such page." in answer.text or answer.json() == {"detail": "Not Found"}


def test_a_warehouse_that_is_away_is_told_without_its_password(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    url = "postgresql+psycopg://daywatch:geheim@127.0.0.1:1/daywatch"
    app.state.pages.dependency_overrides[access.deployment] = lambda: Deployment("", str(tmp_path), url)

    answers = [client.get("/daywatch/"), client.get("/daywatch/flights")]

    assert [answer.status_code for answer in answers] == [503, 503]
    for answer in answers:
        assert "The warehouse or the storage of the reports does not answer" in answer.text
        assert "127.0.0.1" not in answer.text
    assert "did not answer" in caplog.text
    assert "geheim" not in caplog.text


def test_a_storage_that_is_away_is_told_without_its_key(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    s3 = Connection(
        conn_type="aws",
        login="key",
        password=SecretStr("geheim"),
        extra={"endpoint_url": "http://127.0.0.1:1"},
    )
    away = Deployment("", "s3://artifacts", "sqlite://", s3=s3)
    app.state.pages.dependency_overrides[access.deployment] = lambda: away

    answer = client.get(f"/daywatch/flights/2013-02-09/{'0' * 16}/report.html")

    assert answer.status_code == 503
    assert "The warehouse or the storage of the reports does not answer" in answer.text
    assert "127.0.0.1" not in answer.text
    assert "Could not read s3://artifacts/flights/windows/2013-02-09" in caplog.text
    assert "geheim" not in caplog.text


def test_airflows_own_database_away_is_told(app: FastAPI, client: TestClient) -> None:
    nowhere = sa.create_engine("postgresql+psycopg://airflow:geheim@127.0.0.1:1/airflow")
    app.state.pages.dependency_overrides[access.readable_models] = nowhere.connect

    answer = client.get("/daywatch/")

    assert answer.status_code == 503
    assert "Airflow's own database does not answer" in html.unescape(answer.text)
    assert "127.0.0.1" not in answer.text


def test_the_inferences_are_those_of_the_command_in_pages(
    client: TestClient, deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    judged = Judged("2024-03-03", State.RED, model=NAME)
    store(deployment, judged)
    write_rows(deployment, judged, 250, HOSTILE)
    caplog.set_level("INFO", "daywatch.pages")

    first = client.get(f"/daywatch/{NAME}/inferences?where=amount+%3E%3D+3&order=amount")
    last = client.get(f"/daywatch/{NAME}/inferences?where=amount+%3E%3D+3&order=amount&page=3")
    refused = client.get(f"/daywatch/{NAME}/inferences?where=secret+%3D+1")
    nothing = client.get(f"/daywatch/{NAME}/inferences?from=2024-03-05&to=2024-03-06")
    file = client.get(f"/daywatch/{NAME}/inferences.csv?where=amount+%3C+4&order=amount+desc")

    assert "<p>247 rows in 1 window." in first.text
    assert [page.text.count("<tr><td>") for page in (first, last)] == [100, 47]
    assert "where=amount+%3E%3D+3&amp;order=amount&amp;page=2" in first.text
    assert 'rel="next"' not in last.text
    assert "&lt;script&gt;alert(1)" in first.text
    assert "<script>alert" not in first.text
    command = re.findall(r'<pre id="command"[^>]*>(.+)</pre>', first.text)[0]
    assert html.unescape(command) == (
        f"daywatch rows --model {NAME} --from 2024-03-03 --to 2024-03-03 --where 'amount >= 3' --order amount"
        " --limit 100"
    )
    assert (refused.status_code, nothing.status_code) == (400, 400)
    assert "there is no column &#39;secret&#39; here" in refused.text
    assert "There are no stored rows of these days" in nothing.text
    assert file.headers["content-disposition"] == f'attachment; filename="{NAME}.csv"'
    assert [row["amount"] for row in csv.DictReader(io.StringIO(file.text))] == ["3.0", "2.0", "1.0", "0.0"]
    parquet = client.get(f"/daywatch/{NAME}/inferences.parquet?where=amount+%3C+4&order=amount+desc")
    assert parquet.headers["content-disposition"] == f'attachment; filename="{NAME}.parquet"'
    assert pyarrow.parquet.read_table(io.BytesIO(parquet.content))["amount"].to_pylist() == [3, 2, 1, 0]
    assert client.get(f"/daywatch/{NAME}/inferences.exe").status_code == 404
    assert re.search(r'</span>1: 100\s% <span class="note">247 rows</span></li></ul>', first.text)
    sql = html.unescape(re.findall(r'<pre id="sql"[^>]*>(.+?)</pre>', first.text, re.DOTALL)[0])
    assert f"{deployment.artifacts_uri}/{judged.folder.inferences}" in sql
    with duckdb.connect() as connection:
        assert [row[-4] for row in connection.execute(sql).fetchall()] == [float(n) for n in range(3, 103)]
    assert f"ada looked at 100 rows of {NAME}, 2024-03-03" in caplog.text
    assert client.get(f"/daywatch/{NAME}/inferences?page=0").status_code == 404
