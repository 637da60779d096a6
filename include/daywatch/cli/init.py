"""The command ``daywatch init``: a model's YAML, proposed from its captures."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import err, out, progress
from daywatch.cli.exit_codes import command_deployment


def init(
    model: Annotated[str, typer.Option("--model", help="Name of the new model.")],
    captures: Annotated[
        str, typer.Option(help="Folder of its captures, such as s3://bucket/churn, below DAYWATCH_DATA_URI.")
    ],
    dataset: Annotated[
        str | None, typer.Option(help="The training file, CSV with a header or Parquet, for the baseline.")
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Folder of its labels.")] = None,
    constraints: Annotated[
        list[str] | None,
        typer.Option(
            help="A constraints.json of SageMaker Model Monitor; several times for data and model quality."
        ),
    ] = None,
    statistics: Annotated[
        str | None, typer.Option(help="The statistics.json of SageMaker Model Monitor, for the baseline.")
    ] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the YAML instead of writing a file.")
    ] = False,
) -> None:
    """Propose a model's YAML from a sample of its captures. Prints the file, and what a person has to decide."""
    with command_deployment() as deployment, progress(f"{model}: init"):
        from daywatch.adopt.propose import propose, write_new
        from daywatch.validation.edited import suite_file

        proposal = propose(model, captures, deployment, dataset, labels, constraints or (), statistics)
        path, suite = deployment.models / f"{model}.yaml", suite_file(deployment.suites, model)
        if not only_print:
            write_new(proposal, path, suite)
    out.print(Text(proposal.text.rstrip("\n") if only_print else str(path)))
    if proposal.suite is not None and not only_print:
        out.print(Text(str(suite)))
    err.print(Text(f"Proposed from {proposal.seen}. Decide:"))
    for one in proposal.decisions:
        err.print(Text(f"  {one}"))
