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
    schedule: Annotated[str, typer.Option(help="Name of the monitoring schedule.")],
    model: Annotated[str, typer.Option("--model", help="Name of the new model.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Folder with the API's answers, such as DescribeMonitoringSchedule.json."
        ),
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
        from daywatch.adopt.sagemaker.schedule import from_api, from_folder, no_api, read_schedule
        from daywatch.validation.edited import suite_file

        describe = from_folder(folder, no_api(folder)) if folder else from_api(region)
        found = read_schedule(schedule, describe)
        limits, statistics = found.baseline("ConstraintsResource"), found.baseline("StatisticsResource")
        proposal = propose(
            model,
            found.captures,
            deployment,
            labels=found.labels,
            constraints=[limits] if limits else [],
            statistics=statistics,
        )
        path, suite = deployment.models / f"{model}.yaml", suite_file(deployment.suites, model)
        if not only_print:
            write_new(proposal, path, suite)
    table = Table("theirs", "value", "ours")
    for one in counterparts(found):
        table.add_row(*(Text(shown(part, 120)) for part in one))
    out.print(table)
    out.print(Text(proposal.text.rstrip("\n") if only_print else str(path)))
    if proposal.suite is not None and not only_print:
        out.print(Text(str(suite)))
    err.print(Text(f"Proposed from {proposal.seen}. Decide:"))
    for decision in proposal.decisions:
        err.print(Text(f"  {decision}"))
