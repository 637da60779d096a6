"""The commands ``daywatch run`` and ``daywatch reevaluate``: the stages of the day without Airflow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from daywatch.cli.console import log_to_stderr, print_error, print_intake, print_verdict, progress
from daywatch.cli.exit_codes import code_of_error, code_of_states, command_deployment
from daywatch.cli.options import (
    KnownOnOption,
    ModelOption,
    NamespaceOption,
    OneModelOption,
    check_one_choice,
    chosen_day,
    chosen_models,
    chosen_window,
)
from daywatch.config.loading.load import find_model
from daywatch.errors import DaywatchError
from daywatch.results import State
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.ingest.export_counts import ExportCounts
    from daywatch.verdicts import Verdict


def run(
    window: Annotated[str, typer.Option(help="The window to judge, such as 2013-02-09.")],
    *,
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send the mail if the verdict calls for one.")] = False,
    known_on: KnownOnOption = None,
    exit_state: Annotated[
        bool, typer.Option("--exit-state", help="Exit with 10 for AMBER, 20 for RED, 30 for GREY.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log one line for each stage on stderr.")
    ] = False,
) -> None:
    """Judge one window of a model, or of all models in a namespace. Prints one line for each verdict."""
    log_to_stderr(verbose=verbose)
    check_one_choice(model, namespace)
    known = chosen_day(known_on, "--known-on")
    states, failures = [], []
    with command_deployment() as deployment:
        for name in chosen_models(deployment, model, namespace):
            try:
                one = chosen_window(window, name, deployment)
                if silence := find_model(name, deployment.models).schedule.silence_in(one.first, one.last):
                    typer.echo(f"{name} {window}: silent ({silence}), not judged")
                    continue
                verdict, counts = _judge(name, one, deployment, datetime.now(UTC) if mail else None, known)
            except DaywatchError as error:
                # A model without a baseline must not keep the other models from being judged.
                print_error(error)
                failures.append(code_of_error(error))
                continue
            states.append(verdict.state)
            print_verdict(name, one.key, verdict)
            _print_losses(verdict, counts)
    if failures:
        raise typer.Exit(failures[0])
    if exit_state:
        raise typer.Exit(code_of_states(states))


def reevaluate(
    model: ModelOption,
    as_of: Annotated[
        str | None,
        typer.Option(help="The last day to check, such as 2013-02-12 (UTC); today by default."),
    ] = None,
    *,
    mail: Annotated[
        bool, typer.Option("--mail", help="Send a mail for each verdict that got worse.")
    ] = False,
) -> None:
    """Judge again the days whose labels or captures have grown. Prints one line for each verdict."""
    log_to_stderr(verbose=False)
    last = chosen_day(as_of, "--as-of") or datetime.now(UTC).date()
    with command_deployment() as deployment:
        with progress(f"{model}: looking for late evidence"):
            from daywatch.stages.reevaluate import late_windows

            late = late_windows(model, last, deployment)
        for one in late:
            mail_at = datetime.now(UTC) if mail else None
            verdict, counts = _judge(model, chosen_window(one.window, model, deployment), deployment, mail_at)
            print_verdict(model, one.window, verdict)
            _print_losses(verdict, counts)


def _print_losses(verdict: Verdict, counts: ExportCounts) -> None:
    """Print what was read where something could not be read, or where evidence is missing."""
    if counts.quarantine or verdict.state is State.GREY:
        print_intake(counts)


def _judge(
    model: str,
    window: Window,
    deployment: Deployment,
    mail_at: datetime | None,
    known_on: date | None = None,
) -> tuple[Verdict, ExportCounts]:
    """Run all stages of one window, and show on the terminal which stage is at work."""
    with progress(f"{model} {window}: starting") as show:
        from daywatch.ingest.export_counts import read_counts
        from daywatch.stages.day import run_window
        from daywatch.storage import open_storage

        done, verdict = run_window(
            model,
            window,
            deployment,
            lambda stage: show(f"{model} {window}: {stage}"),
            mail_at,
            known_on,
        )
        artifacts = open_storage(deployment.artifacts_uri, deployment)
        return verdict, read_counts(artifacts, done.folder.export)
