"""The settings of one stack: folders, ports, credentials, addresses."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from daywatch_demo.stack.credentials import Credentials, load_or_create
from daywatch_demo.stack.ports import HOST
from daywatch_demo.stack.private_file import private_folder, write_private

DATA_BUCKET = "daywatch-data"
ARTIFACTS_BUCKET = "daywatch-artifacts"
WAREHOUSE = "daywatch"
METADATA = "airflow"


@dataclass(frozen=True)
class Settings:
    """Everything that is needed to start or reach a server of the stack.

    Attributes:
        root: Folder of the clone, with `dags`, `plugins` and `include`.
        state: Folder of everything that the stack writes.
        ports: The ports by name.
        credentials: Passwords and keys.
    """

    root: Path
    state: Path
    ports: dict[str, int]
    credentials: Credentials = field(repr=False)

    @property
    def s3_url(self) -> str:
        """Address of the S3 server."""
        return f"http://{HOST}:{self.ports['s3']}"

    @property
    def mailbox_url(self) -> str:
        """Address of the page that shows the mails."""
        return f"http://{HOST}:{self.ports['mailbox']}"

    @property
    def airflow_url(self) -> str:
        """Address of Airflow's pages and API."""
        return f"http://{HOST}:{self.ports['airflow']}"

    @property
    def warehouse_dsn(self) -> str:
        """SQLAlchemy address of the warehouse, password included."""
        return self._dsn(WAREHOUSE, self.credentials.warehouse_password)

    @property
    def metadata_dsn(self) -> str:
        """SQLAlchemy address of Airflow's own database, password included."""
        return self._dsn(METADATA, self.credentials.metadata_password)

    def _dsn(self, name: str, password: str) -> str:
        # Role and database share a name. The driver is named: the default differs by SQLAlchemy version.
        return f"postgresql+psycopg://{name}:{quote(password)}@{HOST}:{self.ports['postgres']}/{name}"


def load_ports(state: Path) -> dict[str, int]:
    """Return the ports chosen at an earlier start; empty before the first."""
    path = state / "ports.json"
    if not path.exists():
        return {}
    ports: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return ports


def save_ports(state: Path, ports: dict[str, int]) -> None:
    """Store the ports for the next start."""
    write_private(state / "ports.json", json.dumps(ports, indent=1))


def load_settings(root: Path, state: Path, ports: dict[str, int]) -> Settings:
    """Return the settings of the stack in `state`; the first call creates its folder and credentials."""
    private_folder(state)
    return Settings(root, state, ports, load_or_create(state / "credentials.json"))


def digest(text: str) -> str:
    """Return a short hash of a text, to detect changes."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
