"""Bring the warehouse's schema to a version, with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.warehouse.database import connect, database_errors

if TYPE_CHECKING:
    from alembic.config import Config


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for a warehouse, without any file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade the schema, to the newest by default; run twice it changes nothing.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection or the change.
    """
    from alembic import command

    connect(url).dispose()
    with database_errors(url):
        command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Downgrade the schema; what newer versions stored is lost.

    Raises:
        InfrastructureError: The database did not answer.
        SetupError: The database refused the connection or the change.
    """
    from alembic import command

    with database_errors(url):
        command.downgrade(alembic_config(url), revision)


def analyze(url: str) -> None:
    """Refresh the planner's statistics, so that the views stay fast as the tables grow.

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
            connection.execute(sa.text("ANALYZE"))
    finally:
        engine.dispose()
