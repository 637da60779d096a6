"""How far verdicts can be trusted: faults found, causes named first, false alarms of quiet days.

``python -m bench.trust --rows 100 1000 --seeds 1 2 --days 30``. Each world is monitored by the whole pipeline: its
baseline is built, its quiet days are judged one after the other, and each fault is injected into a copy of the day
after the last of them.
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
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.verdicts import Verdict
from daywatch.warehouse.migrate import upgrade
from daywatch.window import Window

from bench.faults import FAULTS, Fault
from bench.worlds import FIRST, MODEL, World, write_day, write_model


@dataclass
class Trust:
    """What one world showed.

    Attributes:
        rows: Rows of an ordinary day.
        seed: The world's seed.
        labelled: Whether outcomes became known.
        quiet: The verdicts of its quiet days that were not GREEN: day, state, first reason.
        days: Number of quiet days.
        found: Faults that made the day RED or AMBER, with the first reason.
        named: Those whose first reason names the cause.
        missed: Faults that did not.
    """

    rows: int
    seed: int
    labelled: bool
    quiet: list[tuple[str, str, str]] = field(default_factory=list)
    days: int = 0
    found: dict[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

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
    parser.add_argument("--faults", nargs="*", help="only faults whose names contain one of these")
    parser.add_argument("--plan", type=json.loads, default={"preset": "standard"}, help="the plan, as JSON")
    parser.add_argument("--verbose", action="store_true", help="print every first reason")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    for rows in options.rows:
        for seed in options.seeds:
            world = World(seed, rows, options.baseline_days, labelled=not options.without_labels)
            with tempfile.TemporaryDirectory() as folder:
                trust = judge_world(world, Path(folder), options.days, options.plan, _chosen(options.faults))
            sys.stdout.write(_table(trust, verbose=options.verbose))
            sys.stdout.flush()


def _chosen(words: list[str] | None) -> list[Fault]:
    return [one for one in FAULTS if words is None or any(word in one.name for word in words)]


def judge_world(world: World, folder: Path, days: int, plan: dict[str, Any], faults: list[Fault]) -> Trust:
    """Monitor a world.

    Args:
        world: The world.
        folder: An empty folder.
        days: Number of quiet days.
        plan: The model's plan.
        faults: The faults to inject.
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
    for n in range(days):
        day = world.first_window + timedelta(days=n)
        write_day(data, day, world.day(day), labelled=world.labelled)
        verdict = _judged(day, deployment)
        if verdict.state is not State.GREEN:
            trust.quiet.append((str(day), str(verdict.state), verdict.reasons[0]))
    last = world.first_window + timedelta(days=days)
    healthy = world.day(last)
    for fault in faults:
        if fault.needs_labels and not world.labelled:
            continue
        write_day(data, last, fault.change(healthy), labelled=world.labelled)
        verdict = _judged(last, deployment)
        if verdict.state < State.AMBER:
            trust.missed.append(fault.name)
            continue
        trust.found[fault.name] = f"{verdict.state} {verdict.reasons[0]}"
        if any(word in verdict.reasons[0] for word in fault.words):
            trust.named.append(fault.name)
    return trust


def _judged(day: date, deployment: Deployment) -> Verdict:
    return run_window(MODEL, Window.of_day(f"{day}"), deployment, lambda _: None)[1]


def _table(trust: Trust, *, verbose: bool) -> str:
    faults = len(trust.found) + len(trust.missed)
    lines = [
        f"{trust.rows:,} rows, seed {trust.seed}, {'with' if trust.labelled else 'without'} labels: "
        f"{len(trust.found)} of {faults} faults found, {len(trust.named)} named first; "
        f"of {trust.days} quiet days {trust.alarms(State.RED)} RED, {trust.alarms(State.AMBER)} AMBER, "
        f"{trust.alarms(State.GREY)} GREY"
    ]
    if verbose:
        lines += [f"  quiet   {' '.join(one)}" for one in trust.quiet]
        lines += [f"  missed  {one}" for one in trust.missed]
        named = {name: "named" if name in trust.named else "FOUND" for name in trust.found}
        lines += [f"  {named[name]}   {name}: {reason}" for name, reason in trust.found.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
