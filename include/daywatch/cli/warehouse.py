"""The commands ``daywatch warehouse``: the warehouse's schema."""

from __future__ import annotations

from typing import Annotated

import typer

from daywatch.cli.exit_codes import command_deployment

warehouse_app = typer.Typer(no_args_is_help=True, help="Upgrade or downgrade the warehouse's schema.")


@warehouse_app.command("upgrade")
def upgrade(revision: Annotated[str, typer.Argument(help="Alembic revision.")] = "head") -> None:
    """Upgrade the warehouse's schema, by default to the newest version."""
    with command_deployment() as deployment:
        from daywatch.warehouse.migrate import upgrade as upgrade_schema

        upgrade_schema(deployment.warehouse_url, revision)


@warehouse_app.command("downgrade")
def downgrade(
    revision: Annotated[str, typer.Argument(help="Alembic revision, or base for an empty database.")],
) -> None:
    """Downgrade the warehouse's schema. Data that only newer versions store is lost."""
    with command_deployment() as deployment:
        from daywatch.warehouse.migrate import downgrade as downgrade_schema

        downgrade_schema(deployment.warehouse_url, revision)
