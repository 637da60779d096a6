"""The command line: the same stages as in Airflow, and a look at what they found.

Exit codes: 0 done, 1 a defect of Daywatch, 2 wrong usage, 3 a mistake in the configuration, 4 something has
to be set up first, 5 a server did not answer. With ``daywatch run --exit-state``: 10 AMBER, 20 RED, 30 GREY.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from daywatch.config.deployment import Deployment
from daywatch.config.environment import command_line_deployment
from daywatch.errors import ConfigurationError, DaywatchError, InfrastructureError, SetupError
from daywatch.numbers import plural
from daywatch.results import State
from daywatch.window import Window

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
warehouse_app = typer.Typer(no_args_is_help=True, help="The warehouse's schema.")
app.add_typer(warehouse_app, name="warehouse")

_EXIT = ((ConfigurationError, 3), (SetupError, 4), (InfrastructureError, 5), (DaywatchError, 1))
_STATE_EXIT = {State.GREEN: 0, State.AMBER: 10, State.RED: 20, State.GREY: 30}
STATE_STYLE = {State.GREEN: "green", State.AMBER: "yellow", State.RED: "bold red", State.GREY: "bright_black"}

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ModelOption = Annotated[str, typer.Option("--model", help="Name of a file in include/models, without .yaml.")]

KnownOnOption = Annotated[
    str | None,
    typer.Option("--known-on", help="As it was known at the end of this day, such as 2013-02-12 (UTC)."),
]


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"


@contextmanager
def _told() -> Iterator[Deployment]:
    """Yield the deployment, and turn an error of ours into its sentence and its exit code."""
    try:
        yield command_line_deployment(os.environ)
    except DaywatchError as error:
        err.print(Text(str(error), style="red"))
        code = next(code for kind, code in _EXIT if isinstance(error, kind))
        raise typer.Exit(code) from error


@app.command()
def run(
    model: ModelOption,
    window: Annotated[str, typer.Option(help="The day to judge, such as 2013-02-09 (UTC).")],
    *,
    mail: Annotated[bool, typer.Option("--mail", help="Send the mail if the verdict asks for one.")] = False,
    known_on: KnownOnOption = None,
    exit_state: Annotated[bool, typer.Option("--exit-state", help="10 AMBER, 20 RED, 30 GREY.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each stage's line.")] = False,
) -> None:
    """Judge one window, without Airflow; the verdict is the last line."""
    _log_to_stderr(verbose=verbose)
    try:
        day = Window.of_day(window)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window") from None
    known = _day(known_on, "--known-on")
    with _told() as deployment, err.status("starting") as status:
        from daywatch.pipeline import run_window

        mail_at = datetime.now(UTC) if mail else None
        _, verdict = run_window(
            model, day, deployment, lambda stage: status.update(f"{model} {window}: {stage}"), mail_at, known
        )
    out.print(
        Text.assemble((verdict.state, STATE_STYLE[verdict.state]), f" {model} {window}: {verdict.reasons[0]}")
    )
    if exit_state:
        raise typer.Exit(_STATE_EXIT[verdict.state])


@app.command()
def verdicts(
    model: ModelOption,
    output: Annotated[Format, typer.Option("--format", help="A table, or JSON for programs.")] = Format.TABLE,
    known_on: KnownOnOption = None,
) -> None:
    """Show a model's verdicts, oldest first."""
    known = _day(known_on, "--known-on")
    with _told() as deployment:
        from daywatch.config.load import find_model
        from daywatch.warehouse.database import transaction
        from daywatch.warehouse.history import judged_windows

        find_model(model, deployment.models)
        with transaction(deployment.warehouse_url) as connection:
            judged = judged_windows(connection, model, known_on=known)
    if output is Format.JSON:
        keys = {"window", "state", "reasons", "metrics", "revision"}
        sys.stdout.write(
            json.dumps([one.model_dump(mode="json", include=keys) for one in judged], indent=2) + "\n"
        )
        return
    table = Table("window", "state", "rows", "labelled", "reason", box=None)
    for one in judged:
        state = Text(one.state, style=STATE_STYLE[one.state])
        table.add_row(one.window, state, f"{one.rows:,}", f"{one.labelled:,}", Text(one.short))
    out.print(table)


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
    last = _day(as_of, "--as-of") or datetime.now(UTC).date()
    with _told() as deployment, err.status(f"{model}: looking for late evidence") as status:
        from daywatch.late_evidence import late_windows
        from daywatch.pipeline import run_window

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
    with _told() as deployment, err.status(f"{model}: baseline"):
        from daywatch.baseline.build import build_baseline

        baseline_id = build_baseline(model, deployment)
    out.print(baseline_id)


@app.command()
def suite(model: ModelOption) -> None:
    """Write the expectations in force to include/suites, for a person to edit; edits survive a new baseline."""
    with _told() as deployment:
        from daywatch.baseline.current import current_baseline
        from daywatch.layout import BaselineFolder
        from daywatch.storage import open_storage
        from daywatch.validation.edited import edited_suite, suite_file
        from daywatch.validation.suite import merge, write_suite

        folder = BaselineFolder(model, current_baseline(deployment.warehouse_url, model))
        suggested = json.loads(open_storage(deployment.artifacts_uri, deployment).read(folder.suite))
        path = suite_file(deployment.suites, model)
        write_suite(path, merge(suggested, edited_suite(deployment.suites, model)))
    out.print(str(path))


@app.command()
def lint(
    models: Annotated[Path | None, typer.Option(help="Folder of the models' YAML files.")] = None,
    suites: Annotated[Path | None, typer.Option(help="Folder of the edited suites.")] = None,
) -> None:
    """Check all models and edited suites; every mistake with file, line and what was expected."""
    from daywatch.config.deployment import models_folder, suites_folder
    from daywatch.config.lint import lint_folder

    checked, problems = lint_folder(models or models_folder(os.environ), suites or suites_folder(os.environ))
    for problem in problems:
        err.print(Text(str(problem), style="red"))
    out.print(f"{plural(checked, 'model')} checked, {plural(len(problems), 'mistake')}")
    if problems:
        raise typer.Exit(3)


@warehouse_app.command("upgrade")
def warehouse_upgrade(revision: Annotated[str, typer.Argument(help="Alembic revision.")] = "head") -> None:
    """Bring the warehouse's schema to the newest version."""
    with _told() as deployment:
        from daywatch.warehouse.migrate import upgrade

        upgrade(deployment.warehouse_url, revision)


@warehouse_app.command("downgrade")
def warehouse_downgrade(revision: Annotated[str, typer.Argument(help="Alembic revision, or base.")]) -> None:
    """Bring the schema back to an older version; what newer ones stored is lost."""
    with _told() as deployment:
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


def _day(text: str | None, option: str) -> date | None:
    """Return an option's day, None where it was left out."""
    try:
        return Window.of_day(text).first if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _log_to_stderr(*, verbose: bool) -> None:
    """Show the stages' lines on stderr, so that stdout holds results alone."""
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("daywatch").addHandler(handler)
    logging.getLogger("daywatch").setLevel(logging.INFO if verbose else logging.WARNING)
