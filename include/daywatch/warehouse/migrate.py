"""Bring the warehouse's schema to a version, with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from daywatch.warehouse.database import connect, unanswered

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
    """
    from alembic import command

    connect(url).dispose()
    try:
        command.upgrade(alembic_config(url), revision)
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise unanswered(url, error) from error


def downgrade(url: str, revision: str) -> None:
    """Downgrade the schema; what newer versions stored is lost.

    Raises:
        InfrastructureError: The database did not answer.
    """
    from alembic import command

    try:
        command.downgrade(alembic_config(url), revision)
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise unanswered(url, error) from error


def analyze(url: str) -> None:
    """Refresh the planner's statistics, so that the views stay fast as the tables grow."""
    engine = connect(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise unanswered(url, error) from error
    finally:
        engine.dispose()
