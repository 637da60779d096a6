"""Judge the days of machine-learning models and show the results.

Exit codes: 0 done, 1 a defect of Daywatch, 2 wrong usage, 3 an error in
the configuration, 4 something has to be set up first, 5 a server did not
answer, 130 interrupted with Ctrl-C. With `daywatch run --exit-state`:
10 AMBER, 20 RED, 30 GREY.
"""

from __future__ import annotations

from typing import Annotated

import typer

from daywatch import __version__
from daywatch.cli.adopt import adopt_app
from daywatch.cli.baseline import baseline
from daywatch.cli.calibrate import calibrate
from daywatch.cli.check import check
from daywatch.cli.console import out
from daywatch.cli.drift import drift
from daywatch.cli.drill import drill
from daywatch.cli.explain import explain
from daywatch.cli.grafana import grafana_app
from daywatch.cli.incidents import incidents_app
from daywatch.cli.init import init
from daywatch.cli.lint import lint
from daywatch.cli.plan import plan_app
from daywatch.cli.quarantine import quarantine
from daywatch.cli.registry import deployments_app, versions_app
from daywatch.cli.retrain import retrain
from daywatch.cli.rows import rows
from daywatch.cli.run import reevaluate, run
from daywatch.cli.suite import suite
from daywatch.cli.verdicts import verdicts
from daywatch.cli.warehouse import warehouse_app

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for _command in (
    init,
    run,
    reevaluate,
    verdicts,
    explain,
    calibrate,
    drill,
    drift,
    check,
    rows,
    quarantine,
    baseline,
    suite,
    retrain,
    lint,
):
    app.command()(_command)
app.add_typer(adopt_app, name="adopt")
app.add_typer(grafana_app, name="grafana")
app.add_typer(incidents_app, name="incidents")
app.add_typer(plan_app, name="plan")
app.add_typer(versions_app, name="versions")
app.add_typer(deployments_app, name="deployments")
app.add_typer(warehouse_app, name="warehouse")


def _print_version(wanted: bool) -> None:
    """Print Daywatch's version and exit."""
    if wanted:
        out.print(f"daywatch {__version__}")
        raise typer.Exit


@app.callback(help=__doc__)
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show Daywatch's version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take the options that come before a command."""


def run_commands() -> int:
    """Run the command that was asked for, and return its exit code."""
    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    return 0
