"""The command ``daywatch calibrate``: the thresholds of a plan on stored quiet windows."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption
from daywatch.formatting import plural
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.review.calibration import Calibrated

_ONE_IN = re.compile(r"^\s*1\s+in\s+(\d+)\s*$")
_MOST = 3660


class CalibrateFormat(StrEnum):
    """The form in which thresholds are printed."""

    TEXT = "text"
    JSON = "json"


def calibrate(
    model: ModelOption,
    false_alarms: Annotated[
        str,
        typer.Option(
            help="How often one AMBER threshold may be met by a quiet window; RED a tenth as often."
        ),
    ] = "1 in 60",
    last: Annotated[
        int, typer.Option(help="How many of the latest judged windows to look at.", min=1, max=_MOST)
    ] = 90,
    output: Annotated[
        CalibrateFormat, typer.Option("--format", help="Text for people, or JSON for programs.")
    ] = CalibrateFormat.TEXT,
) -> None:
    """Show what each threshold of a plan says of quiet windows, and the change of the YAML that makes alarms rare."""
    match = _ONE_IN.match(false_alarms)
    if match is None or int(match[1]) < 2:
        msg = f"expected a rate such as '1 in 60', but received {false_alarms!r}"
        raise typer.BadParameter(msg, param_hint="--false-alarms")
    with command_deployment() as deployment, progress(f"{model}: calibrate"):
        from daywatch.config.loading.load import find_model
        from daywatch.review.calibration import calibrate_plan
        from daywatch.review.proposals import yaml_difference

        found = calibrate_plan(find_model(model, deployment.models), last, 1 / int(match[1]), deployment)
        file = deployment.models / f"{model}.yaml"
        text = file.read_text(encoding="utf-8")
        difference = yaml_difference(text, file.name, found.thresholds)
    if output is CalibrateFormat.JSON:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
        return
    _print(found, difference)


def _print(found: Calibrated, difference: str) -> None:
    from daywatch.review.calibration import LEAST

    out.print(
        Text(
            f"{found.quiet} of {plural(found.windows, 'window')} are quiet: not RED, without a fault of the data"
        )
    )
    if found.quiet < LEAST:
        out.print(Text(f"With fewer than {LEAST}, nothing is proposed"))
    table = Table("threshold", "", "condition", "alarms", "rare from", "proposed", box=None)
    for one in found.thresholds:
        alarms = f"{one.alarms} of {one.windows}"
        cells = (one.target, one.level, one.condition, alarms, one.rare, one.proposed)
        table.add_row(*(Text(shown(cell, 120)) for cell in cells))
    out.print(table, soft_wrap=not out.is_terminal)
    if difference:
        out.print()
        out.print(Text(difference.rstrip("\n")))
