"""The environment variables that connect Airflow, its tasks and the command line to the stack.

The names are those of a real deployment (see `docker-compose.yml`); only the values are local.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from daywatch_demo.stack.ports import HOST
from daywatch_demo.stack.private_file import write_private
from daywatch_demo.stack.settings import ARTIFACTS_BUCKET, DATA_BUCKET, WAREHOUSE, Settings

# A user's own values of these would connect our servers to something else, or slow every start down.
_NOT_INHERITED = ("AIRFLOW_", "AWS_", "PG", "PYTHON", "UVICORN_", "_AIRFLOW_")


def daywatch_environment(settings: Settings) -> dict[str, str]:
    """Return the connections and the `DAYWATCH_` variables: data, warehouse and mail server."""
    credentials = settings.credentials
    s3 = {
        "conn_type": "aws",
        "login": credentials.s3_key,
        "password": credentials.s3_secret,
        "extra": {
            "endpoint_url": settings.s3_url,
            "region_name": "us-east-1",
            "config_kwargs": {"s3": {"addressing_style": "path"}},
        },
    }
    warehouse = {
        "conn_type": "postgres",
        "host": HOST,
        "port": settings.ports["postgres"],
        "login": WAREHOUSE,
        "password": credentials.warehouse_password,
        "schema": WAREHOUSE,
    }
    smtp = {
        "conn_type": "smtp",
        "host": HOST,
        "port": settings.ports["smtp"],
        "extra": {"disable_tls": True, "disable_ssl": True, "from_email": "daywatch@example.com"},
    }
    return {
        "AIRFLOW_CONN_DAYWATCH_S3": json.dumps(s3),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps(warehouse),
        "AIRFLOW_CONN_DAYWATCH_SMTP": json.dumps(smtp),
        "DAYWATCH_DATA_URI": f"s3://{DATA_BUCKET}",
        "DAYWATCH_ARTIFACTS_URI": f"s3://{ARTIFACTS_BUCKET}",
        "DAYWATCH_AIRFLOW_URL": settings.airflow_url,
    }


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Return Airflow's own configuration."""
    root, home = settings.root, settings.state / "airflow"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "plugins"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        # Tasks are forked from a process that has imported the libraries once.
        "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": "daywatch.orchestration.fork_server",
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": settings.credentials.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{settings.airflow_url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": settings.metadata_dsn,
        # Without this, Airflow would look for asyncpg; psycopg supports both.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": settings.metadata_dsn,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(settings.ports["airflow"]),
        "AIRFLOW__API__BASE_URL": settings.airflow_url,
        "AIRFLOW__API__SECRET_KEY": settings.credentials.api_secret_key,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": settings.credentials.jwt_secret,
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        # Airflow finds a new DAG file after 15 seconds instead of 5 minutes; listing a folder is cheap.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "15",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    }


def stack_environment(settings: Settings) -> dict[str, str]:
    """Return all variables of the stack: those of `<state>/env` and of Airflow's processes."""
    return {
        **daywatch_environment(settings),
        **airflow_environment(settings),
        "PYTHONPATH": str(settings.root / "include"),
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "SCARF_ANALYTICS": "false",
    }


def process_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server: what it needs of ours, then its own variables."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(_NOT_INHERITED)
    }
    # Servers of the stack connect to each other directly, whatever proxy the machine uses.
    direct = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), HOST]))
    return {**inherited, "NO_PROXY": direct, "no_proxy": direct, "PYTHONUNBUFFERED": "1", **own}


def write_environment(path: Path, variables: Mapping[str, str]) -> None:
    """Write variables to a dotenv file that only its owner may read."""
    lines = [f"{name}={_quoted(value)}\n" for name, value in variables.items()]
    write_private(path, "".join(lines))


def _quoted(value: str) -> str:
    # Single quotes: within double ones dotenv would expand `\n` and `${...}`, which JSON may contain.
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
