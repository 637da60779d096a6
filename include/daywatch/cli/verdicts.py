"""The command ``daywatch verdicts``: the stored verdicts of models."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import STATE_STYLE, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import (
    Format,
    FormatOption,
    KnownOnOption,
    NamespaceOption,
    OneModelOption,
    check_one_choice,
    chosen_day,
    chosen_models,
)

LastOption = Annotated[
    int | None, typer.Option("--last", min=1, help="Only the latest windows of each model.")
]

SinceOption = Annotated[
    str | None, typer.Option("--since", help="Only windows from this day on, such as 2013-02-09 (UTC).")
]


def verdicts(
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    output: FormatOption = Format.TABLE,
    known_on: KnownOnOption = None,
    last: LastOption = None,
    since: SinceOption = None,
) -> None:
    """Show the verdicts of a model, or of all models in a namespace, oldest first."""
    check_one_choice(model, namespace)
    known, from_day = chosen_day(known_on, "--known-on"), chosen_day(since, "--since")
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.warehouse.causes import stored_causes
        from daywatch.warehouse.database import transaction
        from daywatch.warehouse.history import judged_windows

        names = chosen_models(deployment, model, namespace)
        with transaction(deployment.warehouse_url) as connection:
            windows = {
                name: judged_windows(connection, name, since=from_day, limit=last, known_on=known)
                for name in names
            }
            causes = {
                (name, *key): found
                for name, judged in windows.items()
                for key, found in stored_causes(connection, name, judged).items()
            }
    shown = [
        (one, causes.get((one.model, one.window, one.revision), ()))
        for judged in windows.values()
        for one in judged
    ]
    if output is Format.JSON:
        keys = {"window", "state", "reasons", "metrics", "revision"} | ({"model"} if namespace else set())
        listed = [
            {
                **one.model_dump(mode="json", include=keys),
                "causes": [cause.model_dump(mode="json") for cause in found],
            }
            for one, found in shown
        ]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return
    columns = ("window", "state", "rows", "labelled", "cause", "reason")
    table = Table(*(["model"] if namespace else []), *columns, box=None)
    for one, found in shown:
        state = Text(one.state, style=STATE_STYLE[one.state])
        kind = str(found[0].kind) if found else ""
        cells = (one.window, state, f"{one.rows:,}", f"{one.labelled:,}", kind, Text(one.short))
        table.add_row(*([one.model] if namespace else []), *cells)
    out.print(table)
