"""Passwords and keys of one stack: created once for each clone, stored in its state folder."""

import base64
import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from daywatch_demo.stack.errors import StackError
from daywatch_demo.stack.private_file import write_private


def _secret() -> str:
    # Hexadecimal digits need no quoting in an address, a shell or JSON.
    return secrets.token_hex(20)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Credentials:
    """All secrets; none of them is printed, not even in a traceback that shows this object."""

    postgres_password: str = field(default_factory=_secret, repr=False)
    warehouse_password: str = field(default_factory=_secret, repr=False)
    metadata_password: str = field(default_factory=_secret, repr=False)
    s3_admin_key: str = field(default_factory=_secret, repr=False)
    s3_admin_secret: str = field(default_factory=_secret, repr=False)
    s3_key: str = field(default_factory=_secret, repr=False)
    s3_signing_key: str = field(default_factory=_secret, repr=False)
    s3_secret: str = field(default_factory=_secret, repr=False)
    airflow_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    jwt_secret: str = field(default_factory=lambda: secrets.token_hex(64), repr=False)
    api_secret_key: str = field(default_factory=_secret, repr=False)
    fernet_key: str = field(default_factory=_fernet_key, repr=False)


def load_or_create(path: Path) -> Credentials:
    """Read the credentials of this stack; the first call creates them.

    Raises:
        StackError: This function did not write the file.
    """
    if not path.exists():
        credentials = Credentials()
        write_private(path, json.dumps(dataclasses.asdict(credentials), indent=1))
        return credentials
    try:
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        message = (
            f"{path} does not hold the credentials of this version's stack. "
            f"Stop the stack and delete {path.parent} to start again (this deletes its data)."
        )
        raise StackError(message) from error
