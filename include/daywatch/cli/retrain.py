"""The command ``daywatch retrain``: the decision on retraining, and the training without Airflow."""

from __future__ import annotations

from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import log_to_stderr, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption, chosen_window
from daywatch.errors import SetupError

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.retrain.decide import RetrainingDecision
    from daywatch.retrain.evidence import Outcome
    from daywatch.retrain.new_version import NewVersion
    from daywatch.window import Window


def retrain(
    model: ModelOption,
    window: Annotated[
        str | None,
        typer.Option(
            help="The last window to train on, such as 2013-02-09; the latest judged one by default."
        ),
    ] = None,
    *,
    force: Annotated[
        str, typer.Option(help="Why to retrain even if a condition does not hold; stored with the decision.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who asks for it; the name of the login by default.")] = "",
    only_decide: Annotated[
        bool,
        typer.Option("--only-decide", help="Show the decision with its reasons; store and train nothing."),
    ] = False,
) -> None:
    """Retrain a model, if everything that a retraining needs is there. Prints each condition and the new version."""
    log_to_stderr(verbose=False)
    with command_deployment() as deployment:
        day = chosen_window(window, model, deployment) if window else None
        decision, until = _decision(model, day, deployment, by or getuser(), force, store=not only_decide)
        _print(decision)
        if only_decide:
            return
        if not decision.wanted:
            raise SetupError(decision.reason)
        new, outcome = _train(model, until, deployment, decision.run_id)
        out.print(Text(f"{new.version}: {new.description}"))
        out.print(Text(f"{outcome}: {new.comparison.reason}"))


def _decision(
    model: str, window: Window | None, deployment: Deployment, by: str, force: str, *, store: bool
) -> tuple[RetrainingDecision, Window]:
    """Return the decision, and the last window to train on."""
    with progress(f"{model}: deciding"):
        from daywatch.retrain.evidence import Request, Trigger
        from daywatch.stages.decide_retraining import question

        at = datetime.now(UTC)
        run_id = f"retrain__{model}__{at:%Y-%m-%dT%H:%M:%SZ}"
        request = Request(trigger=Trigger.PERSON, at=at, by=by, run_id=run_id, force=force)
        asked = question(model, window, deployment, request, store=store)
        return asked.decision, asked.run.window


def _train(model: str, window: Window, deployment: Deployment, run_id: str) -> tuple[NewVersion, Outcome]:
    """Train and register, and store where that failed."""
    with progress(f"{model} {window}: training"):
        from daywatch.retrain.evidence import Outcome
        from daywatch.stages.retrain import close, register, train

        try:
            new = train(model, window, deployment)
            outcome = register(new, window, deployment, datetime.now(UTC), run_id)
        except BaseException as error:
            close(model, run_id, Outcome.FAILED, f"{type(error).__name__}: {error}", deployment)
            raise
        return new, outcome


def _print(decision: RetrainingDecision) -> None:
    table = Table("condition", "holds", "reason", box=None)
    for one in decision.conditions:
        holds = Text("yes", style="green") if one.met else Text("no", style="bold red")
        table.add_row(one.name, holds, Text(one.reason))
    out.print(table)
    out.print(Text(f"{decision.answer}: {decision.reason}"))
