"""What a metric is: the evidence that it needs, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """The evidence that a metric needs: none for INTAKE and OPERATIONS, rows for DATA and DRIFT, labels for others."""

    INTAKE = "intake"
    OPERATIONS = "operations"
    DATA = "data"
    DRIFT = "drift"
    TARGET = "target"
    PERFORMANCE = "performance"


@dataclass(frozen=True)
class MetricDefinition:
    """The definition of a metric.

    Attributes:
        name: Its name in the plan and in the warehouse.
        kind: The evidence that it needs.
        title: Its name for people.
        per_column: Whether it is about one column.
        of_answers: Whether this column may be the prediction, the probability or the label.
        of_numbers: Whether this column must be numeric.
        tasks: The tasks that have it, empty for all tasks.
        needs: What captures must carry for it: ``latency``, ``status`` or ``size``; empty for nothing more.
        of_class: The tasks in which it may be about one class.
        needs_class: The tasks in which it must be about one class.
        needs_probability: Whether the model must give the probability of the positive class, or of all classes.
        needs_value: Whether the model must say what its outcomes are worth, ``performance.value``.
        of_slice: Whether only slices have it.
        brief: Whether the mail shows it if no rule names it.
    """

    name: str
    kind: MetricKind
    title: str
    per_column: bool = False
    of_answers: bool = False
    of_numbers: bool = False
    tasks: tuple[str, ...] = ()
    needs: str = ""
    of_class: tuple[str, ...] = ()
    needs_class: tuple[str, ...] = ()
    needs_probability: bool = False
    needs_value: bool = False
    of_slice: bool = False
    brief: bool = True
