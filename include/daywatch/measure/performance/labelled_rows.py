"""Labelled rows as arrays, from which performance is computed: all of a side, or a slice of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from daywatch.config.model.columns import Output, Task
from daywatch.engine.budget import VECTOR_VALUES
from daywatch.engine.duck import identifier
from daywatch.measure.performance.classes import CLASS

if TYPE_CHECKING:
    import numpy as np

    from daywatch.measure.columns.tables import Side, Tables


@dataclass(frozen=True)
class Vector:
    """The probabilities of each class, read a few classes at a time.

    Attributes:
        read: Returns the columns from one position up to another, for all labelled rows of the side.
        codes: The class of each column, as a number among ``LabelledRows.classes``.
        complete: For each labelled row of the side, whether it has a finite probability of every class.
        rows: Positions of the selected rows among the labelled rows of the side; None for all.
    """

    read: Callable[[int, int], list[np.ndarray]]
    codes: tuple[int, ...]
    complete: np.ndarray
    rows: np.ndarray | None = None

    def of_rows(self, values: np.ndarray) -> np.ndarray:
        """Return the values of the selected rows.

        Args:
            values: One value for each labelled row of the side.
        """
        return values if self.rows is None else values[self.rows]

    def take(self, rows: np.ndarray) -> Vector:
        """Return the vector of a subset of the selected rows.

        Args:
            rows: For each selected row, whether it is in the subset; or positions among the selected rows.
        """
        import numpy as np

        return replace(self, rows=self.of_rows(np.arange(len(self.complete)))[rows])

    def columns(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the probabilities of each class.

        Args:
            rows: For each selected row, whether its probability is wanted.
        """
        step = max(1, VECTOR_VALUES // max(1, len(self.complete)))
        for first in range(0, len(self.codes), step):
            for column in self.read(first, min(first + step, len(self.codes))):
                yield self.of_rows(column)[rows]


@dataclass(frozen=True)
class LabelledRows:
    """Rows with a label, in the order of their file.

    Attributes:
        classes: Names of the classes in the order of their numbers; empty for a regression.
        label: The label of each row: the number of its class, or the value of a regression.
        prediction: The prediction of each row: the number of its class, -1 for none; or the value of a
            regression, NaN for none.
        probability: The probability of the positive class of each row, NaN for none; None if the model gives no
            probability.
        vector: The probabilities of all classes; None if the model gives no vector.
    """

    classes: tuple[str, ...]
    label: np.ndarray
    prediction: np.ndarray
    probability: np.ndarray | None = None
    vector: Vector | None = None

    def take(self, rows: np.ndarray) -> LabelledRows:
        """Return a subset of the rows, for example a slice.

        Args:
            rows: For each row, whether it is in the subset; or positions.
        """
        return replace(
            self,
            label=self.label[rows],
            prediction=self.prediction[rows],
            probability=None if self.probability is None else self.probability[rows],
            vector=None if self.vector is None else self.vector.take(rows),
        )


def read_labelled_rows(tables: Tables, side: Side, output: Output, classes: tuple[str, ...]) -> LabelledRows:
    """Read a side's labelled rows, in file order.

    Args:
        tables: The baseline and the window.
        side: The side to read.
        output: The model's output.
        classes: The classes that ``make_classes`` returns; empty for a regression, and if there are too many.
    """
    source = f"{identifier(side)} WHERE label IS NOT NULL"
    if output.task is not Task.REGRESSION and not classes:
        found = tables.arrays(f"SELECT 0::SMALLINT AS label, -1::SMALLINT AS prediction FROM {source}")
        return LabelledRows((), found["label"], found["prediction"])
    if output.task is Task.REGRESSION:
        found = tables.arrays(
            f"SELECT label, coalesce(prediction, 'NaN'::DOUBLE) AS prediction FROM {source}"
        )
        return LabelledRows((), found["label"], found["prediction"])
    size = "SMALLINT" if len(classes) < 2**15 else "INTEGER"
    selected = [
        f"CAST({tables.code(column, identifier(CLASS))} AS {size}) AS {column}"
        for column in ("label", "prediction")
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

    @lru_cache(maxsize=1)  # slices read the same columns again; with few classes they are all in memory
    def read(first: int, last: int) -> list[np.ndarray]:
        columns = [f"coalesce(probabilities[{n + 1}], 'NaN'::DOUBLE) AS c{n}" for n in range(first, last)]
        return list(tables.arrays(f"SELECT {', '.join(columns)} FROM {source}").values())

    numbers = {name: number for number, name in enumerate(classes)}
    vector = (
        Vector(read, tuple(numbers[name] for name in output.classes), found["complete"]) if by_class else None
    )
    return LabelledRows(classes, found["label"], found["prediction"], found.get("probability"), vector)
