"""Labelled rows as arrays: what performance is computed from, of all rows or of some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Output, Task
from daywatch.engine.budget import VECTOR_VALUES
from daywatch.engine.duck import identifier
from daywatch.measure.performance.classes import ANSWER

if TYPE_CHECKING:
    import numpy as np

    from daywatch.measure.columns.tables import Side, Tables


@dataclass(frozen=True)
class Vector:
    """The probabilities of each class, read a few classes at a time.

    Attributes:
        read: Gives the columns from one position up to another, of all labelled rows.
        codes: Each column's class, as a number among the answers' classes.
        complete: Which of all labelled rows have a finite probability of every class.
        rows: Positions of those that are meant, None for all.
    """

    read: Callable[[int, int], list[np.ndarray]]
    codes: tuple[int, ...]
    complete: np.ndarray
    rows: np.ndarray | None = None

    def of_rows(self, values: np.ndarray) -> np.ndarray:
        """Return what is of the rows that are meant, of what is of all labelled rows."""
        return values if self.rows is None else values[self.rows]

    def take(self, rows: np.ndarray) -> Vector:
        """Mean some of the rows: a truth value for each, or positions."""
        import numpy as np

        return replace(self, rows=self.of_rows(np.arange(len(self.complete)))[rows])

    def columns(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Yield each class's probabilities, of some of the rows that are meant."""
        step = max(1, VECTOR_VALUES // max(1, len(self.complete)))
        for first in range(0, len(self.codes), step):
            for column in self.read(first, min(first + step, len(self.codes))):
                yield self.of_rows(column)[rows]


@dataclass(frozen=True)
class Answers:
    """Rows with a label, in the order of their file.

    Attributes:
        classes: Names of the classes, in order; empty for a regression.
        label: Of each row, a number among the classes; of a regression its value.
        prediction: Likewise; -1 where there is none, NaN of a regression.
        probability: Of the positive class, NaN where there is none; None where the model says none.
        vector: Probabilities of all classes; None likewise.
    """

    classes: tuple[str, ...]
    label: np.ndarray
    prediction: np.ndarray
    probability: np.ndarray | None = None
    vector: Vector | None = None

    def take(self, rows: np.ndarray) -> Answers:
        """Return some of the rows: a slice of the window.

        Args:
            rows: A truth value for each row, or positions.
        """
        return replace(
            self,
            label=self.label[rows],
            prediction=self.prediction[rows],
            probability=None if self.probability is None else self.probability[rows],
            vector=None if self.vector is None else self.vector.take(rows),
        )


def read_answers(tables: Tables, side: Side, output: Output, classes: tuple[str, ...]) -> Answers:
    """Read a side's labelled rows, in file order.

    Args:
        tables: The baseline and the window.
        side: Which.
        output: The model's answer.
        classes: As ``make_classes`` gave them; empty for a regression, and where there are too many.
    """
    source = f"{identifier(side)} WHERE label IS NOT NULL"
    if output.task is not Task.REGRESSION and not classes:
        found = tables.arrays(f"SELECT 0::SMALLINT AS label, -1::SMALLINT AS prediction FROM {source}")
        return Answers((), found["label"], found["prediction"])
    if output.task is Task.REGRESSION:
        found = tables.arrays(
            f"SELECT label, coalesce(prediction, 'NaN'::DOUBLE) AS prediction FROM {source}"
        )
        return Answers((), found["label"], found["prediction"])
    size = "SMALLINT" if len(classes) < 2**15 else "INTEGER"
    selected = [
        f"CAST({tables.code(column, ANSWER)} AS {size}) AS {column}" for column in ("label", "prediction")
    ]
    if output.has_probability:
        selected.append("coalesce(probability, 'NaN'::DOUBLE) AS probability")
    by_class = output.task is Task.MULTICLASS and output.classes
    if by_class:
        finite = f"len(list_filter(probabilities, lambda one: isfinite(one))) = {len(output.classes)}"
        selected.append(
            f"coalesce(len(probabilities) = {len(output.classes)} AND {finite}, false) AS complete"
        )
    found = tables.arrays(f"SELECT {', '.join(selected)} FROM {source}")

    @lru_cache(maxsize=1)  # slices of a window that fits in memory ask for the same columns again
    def read(first: int, last: int) -> list[np.ndarray]:
        columns = [f"coalesce(probabilities[{n + 1}], 'NaN'::DOUBLE) AS c{n}" for n in range(first, last)]
        return list(tables.arrays(f"SELECT {', '.join(columns)} FROM {source}").values())

    numbers = {name: number for number, name in enumerate(classes)}
    vector = (
        Vector(read, tuple(numbers[name] for name in output.classes), found["complete"]) if by_class else None
    )
    return Answers(classes, found["label"], found["prediction"], found.get("probability"), vector)
