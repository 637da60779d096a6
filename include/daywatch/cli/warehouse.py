"""The commands ``daywatch warehouse``: the warehouse's schema."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from daywatch.cli.console import err, progress
from daywatch.cli.exit_codes import DECLINED, command_deployment

warehouse_app = typer.Typer(no_args_is_help=True, help="Upgrade or downgrade the warehouse's schema.")


@warehouse_app.command("upgrade")
def upgrade(revision: Annotated[str, typer.Argument(help="Alembic revision.")] = "head") -> None:
    """Upgrade the warehouse's schema, by default to the newest version."""
    with command_deployment() as deployment, progress(f"upgrading the warehouse to {revision}"):
        from daywatch.warehouse.migrate import upgrade as upgrade_schema

        upgrade_schema(deployment.warehouse_url, revision)


@warehouse_app.command("downgrade")
def downgrade(
    revision: Annotated[str, typer.Argument(help="Alembic revision, or base for an empty database.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether data may be lost.")] = False,
) -> None:
    """Downgrade the warehouse's schema. Data that only newer versions store is lost, so it asks first."""
    with command_deployment() as deployment:
        _confirm(deployment.warehouse_url, revision, yes=yes)
        with progress(f"downgrading the warehouse to {revision}"):
            from daywatch.warehouse.migrate import downgrade as downgrade_schema

            downgrade_schema(deployment.warehouse_url, revision)


def _confirm(url: str, revision: str, *, yes: bool) -> None:
    """Ask whether data may be lost.

    Raises:
        typer.BadParameter: Nobody is there to ask.
        typer.Exit: The answer is no.
    """
    loss = "every table and view" if revision == "base" else "the data that only newer versions store"
    if yes:
        return
    if not sys.stdin.isatty():
        msg = f"This deletes {loss} of {_named(url)}. Add --yes to do it without a question."
        raise typer.BadParameter(msg, param_hint="--yes")
    if not typer.confirm(f"Delete {loss} of {_named(url)}?", err=True):
        err.print("Nothing was changed.")
        raise typer.Exit(DECLINED)


def _named(url: str) -> str:
    """Return host and name of the database, without login and options."""
    from sqlalchemy import make_url

    parsed = make_url(url)
    return (
        f"the warehouse {parsed.database} on {parsed.host}"
        if parsed.host
        else f"the warehouse {parsed.database}"
    )
