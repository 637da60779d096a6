"""Where the links of a report lead."""

from __future__ import annotations

from daywatch.report.links import window_links
from daywatch.run import WindowRun

RUN = WindowRun(
    model="shop",
    start="2024-03-20T00:00:00+00:00",
    end="2024-03-21T00:00:00+00:00",
    revision="r",
    baseline_id="b",
)


def test_links_lead_to_airflow_where_there_is_one() -> None:
    (only,) = window_links(RUN, "", "s3://a/evidently.html")
    pages = window_links(RUN, "http://airflow", "s3://a/evidently.html")

    assert only.url == "s3://a/evidently.html"
    assert [link.url for link in pages] == [
        "http://airflow/daywatch/shop/2024-03-20/r/evidently.html",
        "http://airflow/daywatch/shop/2024-03-20/r/report.html",
        "http://airflow/dags/monitor__shop",
    ]


def test_the_first_link_of_an_open_incident_acknowledges_it() -> None:
    first, *others = window_links(RUN, "http://airflow", "s3://a", "0123456789ab-2024-03-20")

    assert (first.title, first.url) == (
        "Acknowledge the incident",
        "http://airflow/daywatch/-/incidents/0123456789ab-2024-03-20",
    )
    assert len(others) == 3
