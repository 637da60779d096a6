"""What a drill showed: what was found, what was blamed for it, and how often nothing was taken for something."""

from __future__ import annotations

from daywatch.results import Record, State


class DrilledFault(Record):
    """One fault, and what the plan said of it.

    Attributes:
        fault: What was injected.
        state: The verdict on the day with it.
        found: Whether the verdict is RED or AMBER by something that the day without faults does not have.
        named: Whether the first cause, the headline, has the fault's kind and its column.
        needs_labels: Whether only labels show the fault.
        kind: The kind of the first cause, empty where there is none.
        blamed: The first cause as a sentence, empty where nothing was found.
    """

    fault: str
    state: State
    found: bool
    named: bool
    needs_labels: bool = False
    kind: str = ""
    blamed: str = ""


class DrillResult(Record):
    """What a drill of one day showed.

    Attributes:
        model: Name of the model.
        window: Key of the day.
        revision: The revision of the day that was copied.
        baseline_id: The baseline that it was compared with.
        state: The verdict on the day without faults.
        faults: The faults, in the order of the catalogue.
        resamples: Number of resamples of the day without faults.
        false_alarms: The first reasons of the resamples that were RED or AMBER although the day is not.
    """

    model: str
    window: str
    revision: str
    baseline_id: str
    state: State
    faults: tuple[DrilledFault, ...]
    resamples: int
    false_alarms: tuple[str, ...]

    @property
    def found(self) -> int:
        """The number of faults that were found."""
        return sum(one.found for one in self.faults)

    @property
    def named(self) -> int:
        """The number of faults that were found and named in the headline."""
        return sum(one.named for one in self.faults)
