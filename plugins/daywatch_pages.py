"""Daywatch's pages in the Airflow UI; their code is in ``daywatch.pages``."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/daywatch"

# Without a slash at its start, an address is relative to the <base> of Airflow's page, which has the path of
# [api] base_url: with one, https://host/airflow/ would show the pages of https://host/.
_PAGES = PREFIX.removeprefix("/")

# A white eye on blue: it is visible on Airflow's light, dark and dark blue backgrounds.
_EYE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
    "%3Crect width='24' height='24' rx='6' fill='%234a7ab5'/%3E"
    "%3Cg fill='none' stroke='white' stroke-width='2' stroke-linejoin='round'%3E"
    "%3Cpath d='M3.5 12S6.6 7 12 7s8.5 5 8.5 5-3.1 5-8.5 5-8.5-5-8.5-5z'/%3E%3Ccircle cx='12' cy='12' r='2'/%3E"
    "%3C/g%3E%3C/svg%3E"
)


class DaywatchPages(AirflowPlugin):
    """The pages, and their places in the navigation, on DAGs and on runs."""

    name = "daywatch_pages"
    external_views = [  # noqa: RUF012 - the form that Airflow expects
        {
            "name": "Daywatch",
            "href": f"{_PAGES}/",
            "destination": "nav",
            "nav_top_level": True,
            "url_route": "daywatch",
            "icon": _EYE,
        },
        {
            "name": "Daywatch",
            "href": f"{_PAGES}/-/dags/{{DAG_ID}}",
            "destination": "dag",
            "url_route": "daywatch-dag",
            "icon": _EYE,
        },
        {
            "name": "Daywatch",
            "href": f"{_PAGES}/-/runs/{{DAG_ID}}/{{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "daywatch-run",
            "icon": _EYE,
        },
    ]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """The application; only the api-server reads it, so no task and no DAG file imports it."""
        from daywatch.orchestration.pages.app import airflow_pages

        return [{"name": self.name, "app": airflow_pages(), "url_prefix": PREFIX}]
