"""The command ``daywatch drill``: known faults in copies of a day, and what the plan says of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from daywatch.cli.console import STATE_STYLE, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import Format, FormatOption, ModelOption, chosen_window
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.drill.result import DrilledFault, DrillResult

_SENTENCE = 240


def drill(
    model: ModelOption,
    window: Annotated[str, typer.Option(help="A judged window to copy, such as 2013-02-09.")],
    resamples: Annotated[
        int, typer.Option(min=0, max=1000, help="Copies without a fault, for the false alarms.")
    ] = 10,
    faults: Annotated[
        list[str] | None,
        typer.Option("--fault", help="Only faults whose names contain this; may be repeated."),
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Store the result as the model's latest drill.")
    ] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Inject known faults into copies of a day and judge each: found, missed, blamed on what. Writes nothing else."""
    with command_deployment() as deployment, progress(f"{model} {window}") as shows:
        day = chosen_window(window, model, deployment)
        from daywatch.drill.run import drill as drilled
        from daywatch.drill.store import store_drill

        found = drilled(model, day, deployment, resamples, faults or (), shows)
        if store:
            store_drill(found, deployment)
    if output is Format.JSON:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    _print(found)


def _print(found: DrillResult) -> None:
    for one in found.faults:
        blamed = f": {shown(one.blamed, _SENTENCE)}" if one.found else ""
        state = Text(f"{one.state:<6}", style=STATE_STYLE[one.state])
        out.print(Text.assemble(_answer(one), state, f"{shown(one.fault)}{blamed}"))
    for reason in found.false_alarms:
        out.print(Text(f"false alarm: {shown(reason, _SENTENCE)}"))
    out.print(Text(summary(found)))


def _answer(one: DrilledFault) -> Text:
    if one.named:
        return Text("found   ")
    return Text("blamed  ", style="yellow") if one.found else Text("missed  ", style="red")


def summary(found: DrillResult) -> str:
    """Return the numbers of a drill in one sentence.

    Args:
        found: What the drill showed.
    """
    return (
        f"{found.model} {found.window} ({found.state}): {found.found} of {len(found.faults)} faults found, "
        f"{found.named} with the cause in the headline; "
        f"{len(found.false_alarms)} false alarms in {found.resamples} resamples"
    )
