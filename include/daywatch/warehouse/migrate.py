"""Bring the warehouse's schema to a version, with Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.config.deployment.databases import LONGEST_WAIT, bound_waits
from daywatch.errors import SetupError
from daywatch.warehouse.database import connect, database_errors

if TYPE_CHECKING:
    from alembic.config import Config


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a warehouse; there is no file of it.

    Args:
        url: Address of the warehouse.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade the schema; a second run changes nothing, and of several at once one upgrades and the others wait.

    Args:
        url: Address of the warehouse.
        revision: Alembic's revision, the newest by default.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection or the change.
    """
    from alembic import command

    with database_errors(url), _known_revisions():
        command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Downgrade the schema; what newer versions stored is lost.

    Args:
        url: Address of the warehouse.
        revision: Alembic's revision.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection or the change.
    """
    from alembic import command

    with database_errors(url), _known_revisions():
        command.downgrade(alembic_config(url), revision)


@contextmanager
def _known_revisions() -> Iterator[None]:
    """Raise in our words what Alembic says of a version that this Daywatch does not have."""
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        msg = (
            f"The warehouse's schema cannot be changed: {error}. Expected a version of this Daywatch; a newer "
            "schema needs the Daywatch that made it."
        )
        raise SetupError(msg) from error


def analyze(url: str) -> None:
    """Refresh the planner's statistics, so that the views stay fast as the tables grow.

    Args:
        url: Address of the warehouse.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection.
    """
    engine = connect(url)
    try:
        with (
            database_errors(url),
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            bound_waits(connection, LONGEST_WAIT, transaction=False)
            connection.execute(sa.text("ANALYZE"))
    finally:
        engine.dispose()
