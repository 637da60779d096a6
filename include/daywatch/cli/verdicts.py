"""The command ``daywatch verdicts``: what was judged, from the warehouse alone."""

from __future__ import annotations

import json
import sys

from rich.table import Table
from rich.text import Text

from daywatch.cli.options import (
    STATE_STYLE,
    Format,
    FormatOption,
    KnownOnOption,
    NamespaceOption,
    OneModelOption,
    chosen_day,
    chosen_models,
    one_choice,
    out,
    told,
)


def verdicts(
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    output: FormatOption = Format.TABLE,
    known_on: KnownOnOption = None,
) -> None:
    """Show the verdicts of a model, or of all models in a namespace, oldest first."""
    one_choice(model, namespace)
    known = chosen_day(known_on, "--known-on")
    with told() as deployment:
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
