"""The command ``daywatch verdicts``: the stored verdicts of models."""

from __future__ import annotations

import json
import sys

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


def verdicts(
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    output: FormatOption = Format.TABLE,
    known_on: KnownOnOption = None,
) -> None:
    """Show the verdicts of a model, or of all models in a namespace, oldest first."""
    check_one_choice(model, namespace)
    known = chosen_day(known_on, "--known-on")
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.warehouse.database import transaction
        from daywatch.warehouse.history import judged_windows

        names = chosen_models(deployment, model, namespace)
        with transaction(deployment.warehouse_url) as connection:
            judged = [one for name in names for one in judged_windows(connection, name, known_on=known)]
    if output is Format.JSON:
        keys = {"window", "state", "reasons", "metrics", "revision"} | ({"model"} if namespace else set())
        sys.stdout.write(
            json.dumps([one.model_dump(mode="json", include=keys) for one in judged], indent=2) + "\n"
        )
        return
    table = Table(
        *(["model"] if namespace else []), "window", "state", "rows", "labelled", "reason", box=None
    )
    for one in judged:
        state = Text(one.state, style=STATE_STYLE[one.state])
        shown = (one.window, state, f"{one.rows:,}", f"{one.labelled:,}", Text(one.short))
        table.add_row(*([one.model] if namespace else []), *shown)
    out.print(table)
