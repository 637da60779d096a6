"""The command ``daywatch baseline``."""

from __future__ import annotations

from daywatch.cli.console import err, log_to_stderr, out
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption


def baseline(model: ModelOption) -> None:
    """Build a model's baseline from its configured days and freeze it. Prints the baseline's id."""
    log_to_stderr(verbose=False)
    with command_deployment() as deployment, err.status(f"{model}: baseline"):
        from daywatch.stages.build_baseline import build_baseline

        baseline_id = build_baseline(model, deployment)
    out.print(baseline_id)
