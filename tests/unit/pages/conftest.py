"""The pages on a local folder and a SQLite warehouse, open to everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from daywatch.config.deployment.deployment import Deployment
from daywatch.pages.access import Access
from daywatch.pages.app import pages_app
from fastapi import FastAPI
from models import local_deployment, write_model
from starlette.testclient import TestClient

judged_again: list[tuple[str, str]] = []
"""The windows that the pages asked to judge again."""

MODELS = frozenset({"flights", "claims", "quiet", "silent"})


@pytest.fixture
def deployment(tmp_path: Path, sqlite_template: Path) -> Deployment:
    """A deployment with the YAML of the small model and a migrated warehouse without rows."""
    stored = local_deployment(tmp_path)
    write_model(stored.models)
    shutil.copyfile(sqlite_template, tmp_path / "warehouse.sqlite")
    return stored


@pytest.fixture
def app(deployment: Deployment) -> FastAPI:
    """The application, mounted as Airflow mounts it, without Airflow's login."""
    pages = pages_app(
        Access(
            signed_in=lambda: None,
            may_read_model=lambda: None,
            editor=lambda: lambda model: True,
            readable_models=lambda: MODELS,
            reader=lambda: "ada",
            deployment=lambda: deployment,
            judge=lambda: lambda model, window: judged_again.append((model, window.key)),
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
