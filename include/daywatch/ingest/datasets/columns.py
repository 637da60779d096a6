"""Where a data set has the model's features, its label and its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.ingest.captures.tabular import Table, TableColumn
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

LABEL = "label of the data set"
"""The column of the labels while the data set is read."""

_LISTED, _NEAR = 20, 0.75


class DatasetColumns:
    """The columns that are wanted of a data set.

    Attributes:
        places: The column of each wanted value by the value's name: a name, or a number from 0.
    """

    def __init__(self, model: MonitoredModel) -> None:
        """Look up what is wanted.

        Args:
            model: The model, whose baseline is a data set.
        """
        baseline = model.baseline
        self._named: dict[str, int | str] = dict(baseline.answers)
        if baseline.label is not None:
            self._named[LABEL] = baseline.label
        self._features = [one.name for one in model.captured_features]
        self._dropped = set(model.redaction.drop)
        self._columns, self._header = baseline.columns, baseline.header

    def select(self, table: Table, names: Sequence[str], address: str, *, has_names: bool) -> Table:
        """Return a file's table with the wanted columns alone, under the model's names for them.

        Args:
            table: The file.
            names: The names of its columns as the file has them, of which some may come twice.
            address: Address of the file, for sentences.
            has_names: Whether its columns have names; else the features follow in their order.

        Raises:
            SetupError: A column is not there, or its name comes twice.
        """
        there = list(table.columns)
        places: dict[str, int | str] = {**self._named, **self._columns}
        if has_names:
            twice = sorted(name for name, count in Counter(names).items() if count > 1)
            if twice:
                msg = f"The data set {address} has two columns with one name: {_listed(twice)}. Rename one of them."
                raise SetupError(msg)
            places = {**{name: name for name in self._features}, **places}
        else:
            places = self._in_order(there, places, address)
        found: dict[str, TableColumn] = {}
        missing: dict[str, int | str] = {}
        for name, place in places.items():
            column = there[place] if isinstance(place, int) and place < len(there) else place
            if column in table.columns:
                found[name] = table.columns[str(column)]
            elif name not in self._dropped:
                missing[name] = place
        if missing:
            raise SetupError(_missing(missing, there, address))
        return Table(table.reader, found, table.leftovers)

    def _in_order(
        self, there: list[str], places: Mapping[str, int | str], address: str
    ) -> dict[str, int | str]:
        """Return the places of features that have none: the other columns, in the order of the features."""
        texts = [name for name, place in places.items() if isinstance(place, str)]
        if texts:
            msg = (
                f"The data set {address} has no names of columns: give {_listed(texts)} under 'baseline' as a number "
                "from 0, or leave out 'header: false'."
            )
            raise SetupError(msg)
        taken = set(places.values())
        free = [n for n in range(len(there)) if n not in taken]
        wanted = [name for name in self._features if name not in places]
        if wanted and len(free) != len(wanted):
            expected = len(wanted) + len(taken)
            msg = (
                f"The data set {address} has {len(there)} columns, expected {expected}: {len(self._features)} features "
                f"and {_listed(sorted(name for name in places if name not in self._features)) or 'no label'}. Give "
                "each feature its number under 'baseline.columns' if it has others."
            )
            raise SetupError(msg)
        return {**places, **dict(zip(wanted, free, strict=False))}


def _missing(missing: Mapping[str, int | str], there: list[str], address: str) -> str:
    """Return the sentence about columns that a data set does not have."""
    asked = [str(place) for place in missing.values()]
    near = {one: found[0] for one in asked if (found := get_close_matches(one, there, 1, _NEAR))}
    hints = "".join(f" Is it {shown(found)} for {shown(one)}?" for one, found in near.items())
    return (
        f"The data set {address} has no column {_listed(asked)}; its columns are: {_listed(there)}.{hints} Map the "
        "names under 'baseline' (columns, label, prediction), or correct the file."
    )


def _listed(names: list[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(map(shown, names[:_LISTED])) + (f" and {more} more" if more > 0 else "")
