"""The application that the plugin mounts: the pages, with Airflow's login and rights and its tabs."""

from __future__ import annotations

from fastapi import FastAPI

from daywatch.orchestration.pages import tabs
from daywatch.orchestration.pages.access import airflow_access
from daywatch.pages.app import pages_app


def airflow_pages() -> FastAPI:
    """Return the application."""
    return pages_app(airflow_access(), tabs.router)
