"""Exports of mutated records, one after another, and the counts of what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, process_time

import models
from daywatch.ingest.export import export_window
from daywatch.storage import open_storage
from daywatch.window import Window
from sources import write_files

from tests.fuzz.account import check
from tests.fuzz.layouts import LAYOUTS

_WINDOW = Window.between("2024-02-29", "2024-03-08")
"""Days around the records' own, so that a record whose time was mutated stays within it."""


@dataclass
class Outcome:
    """What came of a layout's mutated records.

    Attributes:
        mutants: Records that were made.
        counts: Numbers of records and rows by outcome.
        reasons: Reason codes that were met.
        seconds: Seconds that passed, for all of it.
        cpu: Seconds of the processor, likewise.
    """

    mutants: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    reasons: set[str] = field(default_factory=set)
    seconds: float = 0.0
    cpu: float = 0.0


COUNTED = ("records", "exported", "quarantined", "duplicates", "unanswered", "rows", "rows_quarantined")


def fuzz(name: str, mutants: int, batch: int, first_seed: int = 0) -> Outcome:
    """Export a layout's mutated records and check the equations of each export.

    Args:
        name: A key of ``LAYOUTS``.
        mutants: Number of records.
        batch: Number of records of an export, at most.
        first_seed: Seed of the first export; the next have the next ones.
    """
    outcome = Outcome()
    start, cpu = monotonic(), process_time()
    while outcome.mutants < mutants:
        number = min(batch, mutants - outcome.mutants)
        export(name, number, first_seed + outcome.mutants // batch, outcome)
        outcome.mutants += number
    outcome.seconds, outcome.cpu = monotonic() - start, process_time() - cpu
    return outcome


def export(name: str, number: int, seed: int, outcome: Outcome) -> None:
    """Export so many mutated records of a layout, check the equations, and add the counts to an outcome."""
    layout = LAYOUTS[name]
    with TemporaryDirectory(prefix="fuzz-") as folder:
        data, scratch = Path(folder) / "data", Path(folder) / "scratch"
        data.mkdir()
        scratch.mkdir()
        files = layout.make(number, Random(f"{name} {seed}"), str(data))  # noqa: S311 - test data
        write_files(data, files)
        model = models.model(capture=layout.capture, labels=None, **layout.changes)
        storage = open_storage(str(data), models.local_deployment(Path(folder)))
        exported = export_window(_WINDOW, model, storage, scratch)
        try:
            check(exported, storage, layout.count(files))
        except AssertionError as error:
            error.add_note(f"{name}: {number} records, seed {seed}")
            raise
    counts = exported.counts.model_dump()
    for key in COUNTED:
        outcome.counts[key] = outcome.counts.get(key, 0) + counts[key]
    outcome.reasons |= set(exported.counts.reasons)
