"""Alembic's entry: one connection, one transaction for the whole upgrade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context


def run() -> None:
    """Run the migrations on the connection or URL that ``alembic_config`` carries."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    engine = sa.create_engine(context.config.attributes["url"], poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        _migrate(connection)
    engine.dispose()


def _migrate(connection: sa.Connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


run()
