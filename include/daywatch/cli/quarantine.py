"""The command ``daywatch quarantine``: the records that could not be read."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import err, out
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import Format, FormatOption, ModelOption, chosen_window
from daywatch.text import shown

_MOST = 100_000
_EXCERPT = 200


def quarantine(
    model: ModelOption,
    window: Annotated[
        str | None, typer.Option(help="The window whose newest verdict is looked at, such as 2013-02-09.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="Instead of --window: the id of a baseline, frozen or refused.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Only records with this reason, such as not_a_number.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many records to show.", min=1, max=_MOST)] = 20,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show the records and labels of a window or a baseline that could not be read, redacted, with their reasons."""
    if (window is None) == (baseline is None):
        msg = "Expected either --window or --baseline."
        raise typer.BadParameter(msg, param_hint="--window")
    with command_deployment() as deployment:
        from daywatch.stages.quarantine import (
            quarantine_of_baseline,
            quarantine_of_window,
            quarantined_records,
        )

        if window is not None:
            key = quarantine_of_window(model, chosen_window(window, model, deployment), deployment)
        else:
            key = quarantine_of_baseline(model, baseline or "")
        records, total = quarantined_records(key, deployment, reason, limit)
    if output is Format.JSON:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in records], indent=2) + "\n")
        return
    for one in records:
        where = f"{one.source}, record {one.record}" if one.record else one.source
        out.print(Text(f"{one.kind} {one.reason}: {shown(where, _EXCERPT)}"))
        for line in (one.detail, one.excerpt):
            if line:
                out.print(Text(f"  {shown(line, _EXCERPT)}"))
    err.print(f"{len(records):,} of {total:,} quarantined records shown")
