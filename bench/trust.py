"""How far verdicts can be trusted: faults found, causes named in the headline, false alarms of quiet days.

``python -m bench.trust --rows 100 1000 --seeds 1 2 --days 30``. Each world is monitored by the whole pipeline: its
baseline is built, its quiet days are judged one after the other, the last of them is drilled (``daywatch drill``),
and then one column drifts over twenty days.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from daywatch.config.deployment.deployment import Deployment
from daywatch.drill.result import DrilledFault, DrillResult
from daywatch.drill.run import drill
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.verdicts import Verdict
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window

from bench.worlds import FIRST, MODEL, World, write_day, write_model

_GRADUAL_DAYS = 20
_DRIFTING = "distance"
_GROWTH = 1.0
"""By so much the drifting column has grown on the last of the days, in parts of itself."""


@dataclass
class Trust:
    """What one world showed.

    Attributes:
        rows: Rows of an ordinary day.
        seed: The world's seed.
        labelled: Whether outcomes became known.
        quiet: The verdicts of its quiet days that were not GREEN: day, state, first reason.
        days: Number of quiet days.
        drilled: What the drill of the last GREEN quiet day showed, None if no day was GREEN.
        gradual: The first day of the gradual drift that named the drifting column, from 1; None if none did.
    """

    rows: int
    seed: int
    labelled: bool
    quiet: list[tuple[str, str, str]] = field(default_factory=list)
    days: int = 0
    drilled: DrillResult | None = None
    gradual: int | None = None

    def alarms(self, state: State) -> int:
        """Return the quiet days of a state."""
        return sum(one[1] == state for one in self.quiet)


def main() -> None:
    """Judge generated worlds and print what was found and what was a false alarm."""
    parser = argparse.ArgumentParser(prog="python -m bench.trust", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--days", type=int, default=30, help="quiet days of each world")
    parser.add_argument("--baseline-days", type=int, default=14, help="days of each world's baseline")
    parser.add_argument("--without-labels", action="store_true", help="worlds whose outcomes stay unknown")
    parser.add_argument(
        "--faults", nargs="*", default=(), help="only faults whose names contain one of these"
    )
    parser.add_argument("--plan", type=json.loads, default={"preset": "standard"}, help="the plan, as JSON")
    parser.add_argument("--verbose", action="store_true", help="print every first reason")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    for rows in options.rows:
        for seed in options.seeds:
            world = World(seed, rows, options.baseline_days, labelled=not options.without_labels)
            with tempfile.TemporaryDirectory() as folder:
                trust = judge_world(world, Path(folder), options.days, options.plan, options.faults)
            sys.stdout.write(_table(trust, verbose=options.verbose))
            sys.stdout.flush()


def judge_world(
    world: World, folder: Path, days: int, plan: dict[str, Any], faults: list[str] | tuple[str, ...]
) -> Trust:
    """Monitor a world.

    Args:
        world: The world.
        folder: An empty folder.
        days: Number of quiet days.
        plan: The model's plan.
        faults: Only faults whose names contain one of these; all if there are none.
    """
    deployment = Deployment(
        data_uri=str(folder / "data"),
        artifacts_uri=str(folder / "artifacts"),
        warehouse_url=f"sqlite:///{folder / 'warehouse.sqlite'}",
        models=folder / "models",
        suites=folder / "suites",
    )
    write_model(folder / "models" / f"{MODEL}.yaml", world.configuration(plan))
    upgrade(deployment.warehouse_url)
    data = folder / "data"
    for n in range(world.baseline_days):
        day = FIRST + timedelta(days=n)
        write_day(data, day, world.day(day), labelled=world.labelled)
    build_baseline(MODEL, deployment)
    trust = Trust(world.rows, world.seed, world.labelled, days=days)
    green: date | None = None
    for n in range(days):
        day = world.first_window + timedelta(days=n)
        write_day(data, day, world.day(day), labelled=world.labelled)
        verdict = _judged(day, deployment)
        if verdict.state is State.GREEN:
            green = day
        else:
            trust.quiet.append((str(day), str(verdict.state), verdict.reasons[0]))
    if green is not None:
        trust.drilled = drill(MODEL, Window.of_day(green), deployment, names=faults)
    trust.gradual = _gradual(world, data, world.first_window + timedelta(days=days), deployment)
    return trust


def _gradual(world: World, data: Path, first: date, deployment: Deployment) -> int | None:
    """Let a column grow day by day; return the first day whose verdict names it, from 1."""
    for n in range(1, _GRADUAL_DAYS + 1):
        day = first + timedelta(days=n - 1)
        rows = world.day(day)
        rows[_DRIFTING] = rows[_DRIFTING] * (1 + _GROWTH * n / _GRADUAL_DAYS)
        write_day(data, day, rows, labelled=world.labelled)
        if any(
            one.column == _DRIFTING and one.state >= State.AMBER for one in _judged(day, deployment).causes
        ):
            return n
    return None


def _judged(day: date, deployment: Deployment) -> Verdict:
    return run_window(MODEL, Window.of_day(f"{day}"), deployment, lambda _: None)[1]


def _table(trust: Trust, *, verbose: bool) -> str:
    drilled = trust.drilled
    faults: tuple[DrilledFault, ...] = drilled.faults if drilled else ()
    named = drilled.named if drilled else 0
    found = drilled.found if drilled else 0
    alarms = drilled.false_alarms if drilled else ()
    gradual = f"gradual drift named on day {trust.gradual}" if trust.gradual else "gradual drift not named"
    lines = [
        f"{trust.rows:,} rows, seed {trust.seed}, {'with' if trust.labelled else 'without'} labels: "
        f"{found} of {len(faults)} faults found, {named} named in the headline; "
        f"of {trust.days} quiet days {trust.alarms(State.RED)} RED, {trust.alarms(State.AMBER)} AMBER, "
        f"{trust.alarms(State.GREY)} GREY; {len(alarms)} of {drilled.resamples if drilled else 0} resamples; {gradual}"
    ]
    if verbose:
        lines += [f"  quiet   {' '.join(one)}" for one in trust.quiet]
        words = {(False, False): "MISSED", (True, False): "FOUND", (True, True): "named"}
        lines += [
            f"  {words[one.found, one.named]:<7} {one.fault}: {one.state} {one.blamed}" for one in faults
        ]
        lines += [f"  resample {reason}" for reason in alarms]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
