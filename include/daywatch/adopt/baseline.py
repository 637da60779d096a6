"""The baseline and the first window: the first days of the captures, or a data set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.adopt.columns import SampledColumn, type_of
from daywatch.adopt.first_records import first_rows
from daywatch.adopt.guesses import LABELS, Section, named
from daywatch.config.model.baseline import DATASET_ENDINGS
from daywatch.errors import SetupError
from daywatch.ingest.labels.dated import what_is_there
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.adopt.dated_folders import DatedFolders
    from daywatch.storage import Storage

_DAYS = 7
_TABLES = (".csv", ".csv.gz", ".parquet")


def days_section(dated: DatedFolders) -> tuple[Section, Section]:
    """Return the sections ``baseline`` and ``schedule``: up to seven days from the first one, and the day after.

    Args:
        dated: The days below the prefix of the captures.
    """
    last = min(dated.first + timedelta(days=_DAYS - 1), max(dated.last - timedelta(days=1), dated.first))
    baseline = Section(
        {"first": dated.first, "last": last},
        {"first": "the first day that has captures"},
        (f"baseline: were {dated.first} to {last} good days?",),
    )
    return baseline, Section({"first_window": last + timedelta(days=1)})


def dataset_columns(storage: Storage, path: str, scratch: Path) -> tuple[SampledColumn, ...]:
    """Return the columns of a data set with a header, with its first rows.

    Args:
        storage: The storage of the data URI.
        path: The file, below it.
        scratch: Existing local folder.

    Raises:
        SetupError: There is no such file, or it has no rows, or no row of names.
        InfrastructureError: The storage did not answer.
    """
    stored = storage.find(path) if path.endswith(DATASET_ENDINGS) else None
    if stored is None or not path.endswith(_TABLES):
        near = what_is_there(path.rpartition("/")[0], storage)
        endings = ", ".join(_TABLES)
        msg = (
            f"There is no data set {storage.address(path)}: expected a file that ends with {endings}; {near}."
        )
        raise SetupError(msg)
    columns = first_rows(storage, [stored], scratch)
    if not columns or not columns[0].values:
        msg = f"The data set {storage.address(path)} has no rows: expected columns with names, and rows."
        raise SetupError(msg)
    if values := [one.name for one in columns if _is_value(one.name)]:
        msg = (
            f"The data set {storage.address(path)} begins with {', '.join(map(shown, values[:3]))}, which are values: "
            "expected a row of names. Add one, or write 'header: false' and the columns by number under 'baseline' by "
            "hand."
        )
        raise SetupError(msg)
    return columns


def _is_value(name: str) -> bool:
    """Return whether a name of a column is a number, as in the first row of a file without names."""
    try:
        float(name)
    except ValueError:
        return False
    return True


def feature_names(
    path: str, columns: tuple[SampledColumn, ...], features: tuple[SampledColumn, ...]
) -> tuple[str, ...]:
    """Return the names that a data set has for features which the captures have by position.

    The label is the column with a common name; else the first or the last one, if the types of the others then are
    those of the features.

    Args:
        path: The data set, for the error.
        columns: Its columns.
        features: The features.

    Raises:
        SetupError: The columns do not fit.
    """
    label = named(columns, LABELS)
    candidates = [tuple(one for one in columns if one is not label), columns[1:], columns[:-1]]
    types = [type_of(one)[0] for one in features]
    fitting = [one for one in candidates if [type_of(column)[0] for column in one] == types]
    if label is None or len(candidates[0]) != len(features):
        candidates = fitting[:1]
    if not candidates:
        listed = ", ".join(shown(one.name) for one in columns[:20])
        msg = (
            f"The captures have {len(features)} values in a row, but {path} has the columns {listed}: expected the "
            "features in their order and a column 'label'."
        )
        raise SetupError(msg)
    return tuple(one.name for one in candidates[0])


def dataset_section(
    path: str, columns: tuple[SampledColumn, ...], features: list[str], dated: DatedFolders
) -> tuple[Section, Section]:
    """Return the sections ``baseline`` and ``schedule`` of a model whose baseline is a data set.

    Args:
        path: The file, below the data URI.
        columns: Its columns.
        features: The names of the features.
        dated: The days below the prefix of the captures.

    Raises:
        SetupError: A feature is no column of the data set.
    """
    names = [one.name for one in columns]
    absent = [one for one in features if one not in names]
    if absent:
        msg = (
            f"The data set {path} has no column {', '.join(map(shown, absent[:10]))}; it has "
            f"{', '.join(map(shown, names[:20]))}. Rename its columns, or map them under baseline.columns by hand."
        )
        raise SetupError(msg)
    others = [one for one in columns if one.name not in features]
    label = named(others, LABELS) or (others[0] if len(others) == 1 else None)
    values: dict[str, Any] = {"dataset": path}
    because = {"dataset": "its columns have the features' names"}
    decisions = [] if label else ["baseline.label: no column of the data set looks like the label."]
    if label:
        values["label"], because["label"] = label.name, "the column that is no feature"
    return Section(values, because, decisions), first_day(dated)


def first_day(dated: DatedFolders) -> Section:
    """Return the section ``schedule`` of a model whose baseline is no days: the first day is the first window."""
    return Section({"first_window": dated.first}, {"first_window": "the first day that has captures"})
