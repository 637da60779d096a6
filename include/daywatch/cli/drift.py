"""The command ``daywatch drift``: drift over several days and against other baselines, from stored profiles."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import Format, FormatOption, ModelOption, chosen_window
from daywatch.config.base import nearest
from daywatch.config.model.spans import ProfileDriftSettings
from daywatch.errors import SetupError
from daywatch.formatting import number, over_span, plural
from daywatch.results import Against
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.measure.drift.profile_drift import ProfileDrift

_LONGEST_SPAN = 92
_LISTED = 20


def drift(
    model: ModelOption,
    window: Annotated[str, typer.Option(help="The last of the days, such as 2013-02-09.")],
    over: Annotated[
        int, typer.Option(help="How many days, the last one included.", min=1, max=_LONGEST_SPAN)
    ] = 1,
    against: Annotated[Against, typer.Option(help="The baseline to compare with.")] = Against.FROZEN,
    of_slice: Annotated[
        str, typer.Option("--slice", help="Only the rows of this slice, such as origin=JFK.")
    ] = "",
    output: FormatOption = Format.TABLE,
) -> None:
    """Show how far each column drifted from a baseline over some days. Reads only the warehouse."""
    with command_deployment() as deployment, progress(f"{model} {window}"):
        day = chosen_window(window, model, deployment)
        drifts = stored_drifts(model, day, over, against, deployment, of_slice)
    if output is Format.JSON:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in drifts], indent=2) + "\n")
        return
    named = f"{model}, {of_slice}" if of_slice else model
    out.print(Text(over_span(f"{named}, {plural(len(drifts), 'column')}", over, against)))
    out.print(_table(drifts))
    for note in dict.fromkeys(f"{one.note}." for one in drifts if one.note):
        out.print(Text(note))


def stored_drifts(
    model_name: str,
    window: Window,
    over: int,
    against: Against,
    deployment: Deployment,
    of_slice: str = "",
) -> tuple[ProfileDrift, ...]:
    """Compare the stored profiles of some days with a baseline, each day at its newest revision.

    Args:
        model_name: Name of the model.
        window: The window of the last day.
        over: How many days, the last one included.
        against: The baseline to compare with.
        deployment: Where the models' files and the warehouse are.
        of_slice: The slice to compare, such as ``origin=JFK``; empty for all rows.

    Returns:
        The drift of each column.

    Raises:
        ConfigurationError: The model's YAML has errors.
        SetupError: The last day was not measured, or has no such slice.
        InfrastructureError: The warehouse did not answer.
    """
    from daywatch.config.loading.load import find_model
    from daywatch.measure.drift.daily_profiles import DailyProfiles
    from daywatch.measure.drift.profile_drift import profile_drifts
    from daywatch.measure.drift.spans import days_before
    from daywatch.warehouse.database import transaction
    from daywatch.warehouse.profiles import (
        baseline_of_window,
        baseline_profile,
        newest_revisions,
        profiled_slices,
        profiles_of,
    )

    model = find_model(model_name, deployment.models)
    configured = model.drift.profiles
    wanted = ProfileDriftSettings(
        over=(over,), against=(against,), moving_days=configured.moving_days, weeks=configured.weeks
    )
    with transaction(deployment.warehouse_url) as connection:
        needed = [*days_before(window, wanted), window.last]
        revisions = newest_revisions(connection, model_name, needed)
        past = profiles_of(connection, model_name, revisions, of_slice)
        if of_slice and window.last in revisions and window.last not in past:
            known = profiled_slices(connection, model_name, window, revisions[window.last])
            raise SetupError(_no_slice(of_slice, model_name, window, known))
        if window.last not in past:
            msg = (
                f"The window {window} of {model_name!r} has no profile in the warehouse: "
                f"run `daywatch run --model {model_name} --window {window}`."
            )
            raise SetupError(msg)
        baseline_id = baseline_of_window(connection, model_name, window, revisions[window.last])
        frozen = baseline_profile(connection, model_name, baseline_id, of_slice)
    profile = past.pop(window.last)
    days = DailyProfiles(window=window, profile=profile, past=past, baseline=frozen, slice=of_slice)
    return profile_drifts(days, model, wanted)


def _no_slice(of_slice: str, model_name: str, window: Window, known: list[str]) -> str:
    """Return the error for a slice without a profile, with the slices that have one."""
    listed = ", ".join(known[:_LISTED]) + (
        f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    )
    expected = f"expected one of {listed}{nearest(of_slice, known)}" if known else "no slice has enough rows"
    return f"The window {window} of {model_name!r} has no profile of the slice {of_slice!r}: {expected}."


def _table(drifts: tuple[ProfileDrift, ...]) -> Table:
    right = {"justify": "right"}
    table = Table(box=None)
    table.add_column("column")
    for title in ("score", "error", "threshold", "rows", "baseline", "mean", "baseline"):
        table.add_column(title, **right)  # type: ignore[arg-type]
    table.add_column("method")
    for one in drifts:
        score = Text(number(one.value), style="bold red" if one.alert else "")
        error = f"± {number(one.error)}" if one.error else ""
        mean, before = (number(side) if side is not None else "" for side in (one.mean, one.baseline_mean))
        limit = number(one.threshold) if one.threshold is not None else ""
        rows, base = (f"{side:,}" if side is not None else "" for side in (one.rows, one.baseline_rows))
        table.add_row(Text(one.column), score, error, limit, rows, base, mean, before, one.method)
    return table
