"""The command ``daywatch baseline``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from daywatch.cli.console import err, log_to_stderr, out, print_intake, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption


def baseline(
    model: ModelOption,
    *,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Freeze the days even if labels, predictions or features say nothing about windows.",
        ),
    ] = False,
) -> None:
    """Build a model's baseline from its configured days and freeze it. Prints the baseline's id."""
    log_to_stderr(verbose=False)
    with command_deployment() as deployment, progress(f"{model}: baseline"):
        from daywatch.artifacts import BaselineFolder
        from daywatch.ingest.export_counts import read_counts
        from daywatch.stages.build_baseline import BaselineFindings, build_baseline
        from daywatch.storage import open_storage

        baseline_id = build_baseline(model, deployment, accept=accept)
        artifacts, folder = (
            open_storage(deployment.artifacts_uri, deployment),
            BaselineFolder(model, baseline_id),
        )
        print_intake(read_counts(artifacts, folder.export))
        found = BaselineFindings.model_validate_json(artifacts.read(folder.findings))
    for finding in found.findings:
        err.print(Text(f"critical: {finding.detail}", style="red"))
    out.print(baseline_id)
