"""``make fuzz``: millions of mutated records through every source, with a table of what came of them."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.table import Table

from tests.fuzz.layouts import LAYOUTS
from tests.fuzz.run import COUNTED, fuzz


def main() -> None:
    """Export the records and print a line for each layout."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument(
        "--records", type=int, default=2_000_000, help="mutated records of all layouts together"
    )
    parser.add_argument("--batch", type=int, default=10_000, help="records of an export")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first export of each layout")
    parser.add_argument("--layout", choices=LAYOUTS, help="only this layout")
    given = parser.parse_args()
    names = [given.layout] if given.layout else [*LAYOUTS]
    table = Table("layout", "mutants", *COUNTED, "reasons", "seconds", "CPU")
    console = Console(width=200)
    totals = [0.0] * (len(COUNTED) + 3)
    failures = 0
    for name in names:
        try:
            outcome = fuzz(name, -(-given.records // len(names)), given.batch, given.seed)
        except Exception:
            failures += 1
            console.print_exception(max_frames=4)
            continue
        numbers = [outcome.mutants, *(outcome.counts[key] for key in COUNTED)]
        console.print(f"{name}: {outcome.mutants:,} mutants in {outcome.seconds:.0f} s", highlight=False)
        table.add_row(
            name,
            *(f"{n:,}" for n in numbers),
            str(len(outcome.reasons)),
            f"{outcome.seconds:.0f}",
            f"{outcome.cpu:.0f}",
        )
        totals = [a + b for a, b in zip(totals, [*numbers, outcome.seconds, outcome.cpu], strict=True)]
    *numbers, seconds, cpu = totals
    table.add_row("all", *(f"{n:,.0f}" for n in numbers), "", f"{seconds:.0f}", f"{cpu:.0f}", style="bold")
    console.print(table)
    sys.exit(f"{failures} of {len(names)} layouts failed." if failures else 0)


if __name__ == "__main__":
    main()
