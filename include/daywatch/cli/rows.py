"""The command ``daywatch rows``: stored inferences that match an expression."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import err, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.rows.stored_rows import StoredRows

_MOST = 100_000
_WIDEST = 100_000
"""Characters of a table's line: a row is one line, on any terminal."""


class RowsFormat(StrEnum):
    """The form in which rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def rows(
    model: ModelOption,
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2013-02-08.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2013-02-09.")],
    where: Annotated[
        str, typer.Option(help="Only rows for which this is true, such as 'latency_ms >= 3000'.")
    ] = "",
    order: Annotated[
        str, typer.Option(help="The column to sort by; 'latency_ms desc' for the greatest first.")
    ] = "inference_time",
    limit: Annotated[int, typer.Option(help="How many rows to show.", min=1, max=_MOST)] = 20,
    output: Annotated[
        RowsFormat, typer.Option("--format", help="A table for people, or JSON or CSV for programs.")
    ] = RowsFormat.TABLE,
) -> None:
    """Show stored inferences of some days, redacted, with their labels and how they were served."""
    with command_deployment() as deployment, progress("reading the rows"):
        from daywatch.config.loading.load import find_model
        from daywatch.rows.forms import as_csv, as_json
        from daywatch.rows.question import Question
        from daywatch.rows.stored_rows import stored_rows

        try:
            configured = find_model(model, deployment.models)
            found = stored_rows(
                configured,
                configured.schedule.between(first, last),
                Question(where, order, limit),
                deployment,
            )
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if output is RowsFormat.TABLE:
        _print_table(found)
    else:
        sys.stdout.write(as_csv(found) if output is RowsFormat.CSV else as_json(found))
    err.print(f"{len(found.rows):,} of {found.matching:,} matching rows shown")


def _print_table(found: StoredRows) -> None:
    """Print the rows below the columns that have a value in any of them, each on one line however wide."""
    filled = [n for n, _ in enumerate(found.columns) if any(row[n] is not None for row in found.rows)]
    table = Table(*(found.columns[n] for n in filled or range(len(found.columns))), box=None)
    for row in found.rows:
        table.add_row(*(Text("" if row[n] is None else shown(str(row[n]))) for n in filled))
    Console(width=_WIDEST, highlight=False, soft_wrap=True).print(table)
