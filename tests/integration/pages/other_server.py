"""Airflow's api-server in this process: asks it for the addresses in argv and prints the answers as JSON.

Before it signs in, it follows the first address to the login, and prints that answer as ``login``. Its connections
come from Airflow's database, and its users may not read the DAG ``monitor__secret``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class SomeDags(SimpleAuthManager):
    """Lets everybody read everything but one DAG."""

    def is_authorized_dag(self, *, details: Any = None, **rest: Any) -> bool:
        hidden = details is not None and details.id == "monitor__secret"
        return not hidden and super().is_authorized_dag(details=details, **rest)


def main() -> None:
    from airflow.api_fastapi.app import API_ROOT_PATH
    from airflow.api_fastapi.main import app
    from starlette.testclient import TestClient

    password = os.environ["TEST_PASSWORD"]
    with TestClient(app, follow_redirects=False) as client:
        refused = client.get(sys.argv[1], headers={"Accept": "text/html"})
        login = client.get(refused.headers["location"])
        token = client.post(
            f"{API_ROOT_PATH}auth/token", json={"username": "admin", "password": password}
        ).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answers = {path: client.get(path, headers=headers) for path in sys.argv[1:]} | {"login": login}
        print(json.dumps({path: [answer.status_code, answer.text] for path, answer in answers.items()}))


if __name__ == "__main__":
    main()
