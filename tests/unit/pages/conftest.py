"""The pages on a local folder and a SQLite warehouse, open to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from daywatch.config.deployment.deployment import Deployment
from daywatch.pages.access import Access
from daywatch.pages.app import pages_app
from daywatch.warehouse.migrate import upgrade
from fastapi import FastAPI
from starlette.testclient import TestClient

MODELS = frozenset({"flights", "claims", "quiet", "silent"})


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    url = f"sqlite:///{tmp_path / 'warehouse.sqlite'}"
    upgrade(url)
    return Deployment(str(tmp_path / "data"), str(tmp_path / "artifacts"), url)


@pytest.fixture
def app(deployment: Deployment) -> FastAPI:
    """The application, mounted as Airflow mounts it, without Airflow's login."""
    pages = pages_app(
        Access(
            signed_in=lambda: None,
            may_read_model=lambda: None,
            may_edit_model=lambda: None,
            readable_models=lambda: MODELS,
            reader=lambda: "ada",
            deployment=lambda: deployment,
            login="/login",
        )
    )
    airflow = FastAPI()
    airflow.mount("/daywatch", pages)
    airflow.state.pages = pages
    return airflow


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client
