"""Who may ask for which address: every route of the pages, asked by nobody, a viewer, an editor who may start no
run, an editor, and that editor's browser on behalf of another site.

Runs Airflow's api-server in this process and prints a JSON list of method, path and the five statuses.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

VALUES = {
    "model": "flights",
    "window": "2013-02-09",
    "revision": "0" * 16,
    "document": "report.html",
    "artifact": "verdict.json",
    "chart": "volume",
    "form": "csv",
    "incident_id": "0" * 12 + "-2013-02-09",
    "action": "acknowledge",
    "dag_id": "monitor__flights",
    "run_id:path": "none",
    "digest": "0" * 12,
    "name:path": "page.js",
    "rest:path": "no/such/page",
}
"""A value for each part of an address; a new part without one fails the test."""


class SomeStartRuns(SimpleAuthManager):
    """Lets ``rita`` edit DAGs, and start no run of them."""

    def is_authorized_dag(self, *, user: Any, method: str, access_entity: Any = None, **rest: Any) -> bool:
        starts = (method, access_entity) == ("POST", DagAccessEntity.RUN)
        return not (starts and user.get_name() == "rita") and super().is_authorized_dag(
            user=user, method=method, access_entity=access_entity, **rest
        )


def main() -> None:
    from airflow.api_fastapi.main import app
    from starlette.routing import Mount
    from starlette.testclient import TestClient

    passwords = json.loads(os.environ["TEST_PASSWORDS"])
    (pages,) = [route.app for route in app.routes if isinstance(route, Mount) and route.path == "/daywatch"]
    own = {"Sec-Fetch-Site": "same-origin"}
    found = []
    with TestClient(app, follow_redirects=False) as client:
        headers = [own]
        for user, password in passwords.items():
            answer = client.post("/auth/token", json={"username": user, "password": password}).json()
            headers.append({**own, "Authorization": f"Bearer {answer['access_token']}"})
        headers.append({**headers[-1], "Sec-Fetch-Site": "cross-site"})
        routes = [
            (method, route.path) for route in pages.routes for method in sorted(route.methods - {"HEAD"})
        ]
        for method, path in routes:
            address = "/daywatch" + re.sub(r"\{([^}]+)\}", lambda part: VALUES[part[1]], path)
            statuses = [client.request(method, address, headers=one).status_code for one in headers]
            found.append([method, path, *statuses])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
