"""The commands ``daywatch adopt``: a model's YAML from what another monitor knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import err, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.text import shown

adopt_app = typer.Typer(no_args_is_help=True, help="Models from other monitors.")


@adopt_app.callback()
def _adopt() -> None:
    """Models from other monitors."""


@adopt_app.command()
def sagemaker(
    schedule: Annotated[
        list[str],
        typer.Option(help="Name of the monitoring schedule; twice for data quality and model quality."),
    ],
    model: Annotated[str, typer.Option("--model", help="Name of the new model.")],
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="Folder with a folder of the API's answers for each schedule."),
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region of the schedule.")] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the YAML instead of writing files.")
    ] = False,
) -> None:
    """Propose a model's YAML from a SageMaker monitoring schedule. Prints what each of its settings becomes."""
    with command_deployment() as deployment, progress(f"{model}: adopt"):
        from daywatch.adopt.propose import propose, write_new
        from daywatch.adopt.sagemaker.counterparts import counterparts
        from daywatch.adopt.sagemaker.schedule import from_api, from_folder, read_schedule
        from daywatch.validation.edited import suite_file

        api = from_api(region)
        schedules = [read_schedule(name, from_folder(folder / name) if folder else api) for name in schedule]
        proposal = propose(
            model,
            schedules[0].captures,
            deployment,
            labels=next((one.labels for one in schedules if one.labels), None),
            constraints=[one.constraints for one in schedules if one.constraints],
            statistics=next((one.statistics for one in schedules if one.statistics), None),
        )
        path, suite = deployment.models / f"{model}.yaml", suite_file(deployment.suites, model)
        if not only_print:
            write_new(proposal, path, suite)
    table = Table("theirs", "value", "ours")
    for one in (line for found in schedules for line in counterparts(found)):
        table.add_row(*(Text(shown(part, 120)) for part in one))
    out.print(table)
    out.print(Text(proposal.text.rstrip("\n") if only_print else str(path)))
    if proposal.suite is not None and not only_print:
        out.print(Text(str(suite)))
    err.print(Text(f"Proposed from {proposal.seen}. Decide:"))
    for decision in proposal.decisions:
        err.print(Text(f"  {decision}"))
