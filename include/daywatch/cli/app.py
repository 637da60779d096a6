"""The command line: the same stages as in Airflow; commands that look at what is stored lie beside the stored.

Exit codes: 0 done, 1 a defect of Daywatch, 2 wrong usage, 3 a mistake in the configuration, 4 something has
to be set up first, 5 a server did not answer. With ``daywatch run --exit-state``: 10 AMBER, 20 RED, 30 GREY.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.logging import RichHandler
from rich.text import Text

from daywatch.cli.drift import drift
from daywatch.cli.options import (
    STATE_STYLE,
    KnownOnOption,
    ModelOption,
    NamespaceOption,
    OneModelOption,
    chosen_day,
    chosen_models,
    err,
    one_choice,
    out,
    tell,
    told,
)
from daywatch.cli.registry import deployments_app, versions_app
from daywatch.cli.verdicts import verdicts
from daywatch.errors import DaywatchError
from daywatch.formatting import plural
from daywatch.results import State
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.results import Verdict

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
warehouse_app = typer.Typer(no_args_is_help=True, help="The warehouse's schema.")
app.command()(verdicts)
app.command()(drift)
app.add_typer(versions_app, name="versions")
app.add_typer(deployments_app, name="deployments")
app.add_typer(warehouse_app, name="warehouse")

STATE_EXIT = {State.GREEN: 0, State.AMBER: 10, State.RED: 20, State.GREY: 30}
"""Exit codes with --exit-state."""


@app.command()
def run(
    window: Annotated[str, typer.Option(help="The day to judge, such as 2013-02-09 (UTC).")],
    *,
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send the mail if the verdict asks for one.")] = False,
    known_on: KnownOnOption = None,
    exit_state: Annotated[bool, typer.Option("--exit-state", help="10 AMBER, 20 RED, 30 GREY.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each stage's line.")] = False,
) -> None:
    """Judge one window of a model, or of all models in a namespace, without Airflow; a line a verdict."""
    _log_to_stderr(verbose=verbose)
    one_choice(model, namespace)
    try:
        day = Window.of_day(window)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window") from None
    known = chosen_day(known_on, "--known-on")
    states, failures = [], []
    with told() as deployment:
        for name in chosen_models(deployment, model, namespace):
            try:
                verdict = _judged(name, day, deployment, datetime.now(UTC) if mail else None, known)
            except DaywatchError as error:
                # One model's missing baseline is no reason to leave the models after it unjudged.
                failures.append(tell(error))
                continue
            states.append(verdict.state)
            style = STATE_STYLE[verdict.state]
            out.print(Text.assemble((verdict.state, style), f" {name} {window}: {verdict.reasons[0]}"))
    if failures:
        raise typer.Exit(failures[0])
    if exit_state:
        # Worst first, as in a verdict.
        worst = next(state for state in (State.RED, State.AMBER, State.GREY, State.GREEN) if state in states)
        raise typer.Exit(STATE_EXIT[worst])


def _judged(
    model: str, day: Window, deployment: Deployment, mail_at: datetime | None, known_on: date | None
) -> Verdict:
    """Run all stages of a model's window, with its stage shown while it works."""
    with err.status("starting") as status:
        from daywatch.stages.day import run_window

        _, verdict = run_window(
            model, day, deployment, lambda stage: status.update(f"{model} {day}: {stage}"), mail_at, known_on
        )
    return verdict


@app.command()
def reevaluate(
    model: ModelOption,
    as_of: Annotated[
        str | None,
        typer.Option(help="The last day looked at, such as 2013-02-12 (UTC); today when left out."),
    ] = None,
    *,
    mail: Annotated[bool, typer.Option("--mail", help="Send a mail where a verdict became worse.")] = False,
) -> None:
    """Judge the windows again whose labels or captures have grown; each verdict is a line."""
    _log_to_stderr(verbose=False)
    last = chosen_day(as_of, "--as-of") or datetime.now(UTC).date()
    with told() as deployment, err.status(f"{model}: looking for late evidence") as status:
        from daywatch.stages.day import run_window
        from daywatch.stages.reevaluate import late_windows

        for late in late_windows(model, last, deployment):
            window, mail_at = Window.of_day(late.window), datetime.now(UTC) if mail else None
            status.update(f"{model} {late.window}")
            _, verdict = run_window(model, window, deployment, lambda _: None, mail_at)
            reason = f" {model} {late.window}: {verdict.reasons[0]}"
            out.print(Text.assemble((verdict.state, STATE_STYLE[verdict.state]), reason))


@app.command()
def baseline(model: ModelOption) -> None:
    """Build the model's baseline from its configured days and freeze it; its id is the last line."""
    _log_to_stderr(verbose=False)
    with told() as deployment, err.status(f"{model}: baseline"):
        from daywatch.stages.build_baseline import build_baseline

        baseline_id = build_baseline(model, deployment)
    out.print(baseline_id)


@app.command()
def suite(model: ModelOption) -> None:
    """Write the expectations in force to include/suites, for a person to edit; edits survive a new baseline."""
    with told() as deployment:
        from daywatch.artifacts import BaselineFolder
        from daywatch.config.loading.load import find_model
        from daywatch.storage import open_storage
        from daywatch.validation.edited import suite_file
        from daywatch.validation.in_force import suite_in_force
        from daywatch.validation.suite import write_suite
        from daywatch.warehouse.baselines import current_baseline

        folder = BaselineFolder(model, current_baseline(deployment.warehouse_url, model))
        suggested = json.loads(open_storage(deployment.artifacts_uri, deployment).read(folder.suite))
        path = suite_file(deployment.suites, model)
        write_suite(path, suite_in_force(suggested, find_model(model, deployment.models), deployment))
    out.print(str(path))


@app.command()
def lint(
    models: Annotated[Path | None, typer.Option(help="Folder of the models' YAML files.")] = None,
    suites: Annotated[Path | None, typer.Option(help="Folder of the edited suites.")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Only models in it and below it; all when left out.")
    ] = None,
) -> None:
    """Check models and edited suites; every mistake with file, line and what was expected."""
    from daywatch.cli.lint import lint_folder
    from daywatch.config.deployment.deployment import models_folder, suites_folder

    folders = (models or models_folder(os.environ), suites or suites_folder(os.environ))
    checked, problems = lint_folder(*folders, namespace)
    for problem in problems:
        err.print(Text(str(problem), style="red"))
    out.print(f"{plural(checked, 'model')} checked, {plural(len(problems), 'mistake')}")
    if problems:
        raise typer.Exit(3)


@warehouse_app.command("upgrade")
def warehouse_upgrade(revision: Annotated[str, typer.Argument(help="Alembic revision.")] = "head") -> None:
    """Bring the warehouse's schema to the newest version."""
    with told() as deployment:
        from daywatch.warehouse.migrate import upgrade

        upgrade(deployment.warehouse_url, revision)


@warehouse_app.command("downgrade")
def warehouse_downgrade(revision: Annotated[str, typer.Argument(help="Alembic revision, or base.")]) -> None:
    """Bring the schema back to an older version; what newer ones stored is lost."""
    with told() as deployment:
        from daywatch.warehouse.migrate import downgrade

        downgrade(deployment.warehouse_url, revision)


def main() -> None:
    """Run the command line and leave at once.

    DuckDB 2.0 and Great Expectations in one process end with a page of "nanobind: leaked" on stderr when the
    interpreter tears itself down; nothing of ours waits for that.
    """
    code: object = 0
    try:
        app()
    except SystemExit as done:
        code = done.code
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _log_to_stderr(*, verbose: bool) -> None:
    """Show the stages' lines on stderr, so that stdout holds results alone."""
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("daywatch").addHandler(handler)
    logging.getLogger("daywatch").setLevel(logging.INFO if verbose else logging.WARNING)
