"""Alembic's entry: one connection, one transaction for the whole upgrade, and one upgrade at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from daywatch.config.deployment.databases import bound_waits
from daywatch.warehouse.database import connect

_LOCK = 4_239_041_727
"""The number of PostgreSQL's advisory lock that an upgrade holds; no other program is expected to use it."""

_LONGEST_WAIT = {"lock_timeout": "10min"}
"""As long as another upgrade may take; how long a migration itself takes has no bound."""


def run() -> None:
    """Run the migrations on the warehouse whose address ``alembic_config`` carries."""
    engine = connect(context.config.attributes["url"])
    with engine.connect() as connection:
        _migrate(connection)
    engine.dispose()


def _migrate(connection: sa.Connection) -> None:
    """Migrate in one transaction, which waits for that of another process and then finds nothing to do."""
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            bound_waits(connection, _LONGEST_WAIT)
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin with the first INSERT
        context.run_migrations()


run()
