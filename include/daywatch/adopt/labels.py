"""The source of labels, recognised from keys and first records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.adopt.dated_folders import dated_folders
from daywatch.adopt.first_records import LINES, TABLES, first_records, first_rows
from daywatch.adopt.guesses import LABELS, Section
from daywatch.errors import SetupError
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.storage import Storage

_IDS = ("inference_id", "event_id", "transaction_id", "request_id", "prediction_id", "id", "transaction.id")
_COLLECTED = ("collected_at", "reported_at", "labelled_at", "observed_at")


def labels_section(storage: Storage, prefix: str, scratch: Path) -> Section:
    """Return the section ``labels``.

    Args:
        storage: The storage of the data URI.
        prefix: Folder of the labels below it.
        scratch: Existing local folder.

    Raises:
        SetupError: Nothing is there, or it has no id or no label.
        InfrastructureError: The storage did not answer.
    """
    dated = dated_folders(storage, prefix)
    objects = [one for one in storage.list(dated.newest) if one.key.endswith((*TABLES, *LINES))][:1]
    if not objects:
        where = storage.address(dated.newest)
        msg = f"There are no labels under {where}: expected objects that end with .jsonl, .parquet or .csv."
        raise SetupError(msg)
    partition = dated.partition.partition("/%H")[0]
    values: dict[str, Any] = {"prefix": dated.prefix}
    if objects[0].key.endswith(TABLES):
        names = [one.name for one in first_rows(storage, objects, scratch)]
        source, because = "table", "the objects are tables"
    else:
        records = first_records(storage, objects[0])
        if any("groundTruthData" in one for one in records):
            return Section(
                {"source": "sagemaker_ground_truth", **values, **_partition(partition)},
                {"source": "the records have groundTruthData"},
            )
        names = [name for one in records[:1] for name in _paths(one)]
        source, because = "transaction_feedback", "the records are JSON without groundTruthData"
    found = {
        "id": _first(names, _IDS),
        "label": _first(names, LABELS),
        "collected_at": _first(names, _COLLECTED),
    }
    others = [one for one in names if one not in found.values()]
    if found["id"] and not found["label"] and len(others) == 1:
        (found["label"],) = others
    if not found["id"] or not found["label"]:
        listed = ", ".join(map(shown, names[:20])) or "no names"
        msg = (
            f"The labels in {storage.address(objects[0].key)} have {listed}: expected an id such as inference_id, and "
            "a label such as label. Leave --labels out, and write the section by hand."
        )
        raise SetupError(msg)
    values |= {"source": source, **_partition(partition), **{key: one for key, one in found.items() if one}}
    return Section(values, {"source": because, "id": "its name", "label": "its name, or the only one left"})


def _partition(partition: str) -> dict[str, str]:
    """Return the key of the partition, unless it is the default."""
    return {} if partition == "%Y/%m/%d" else {"partition": partition}


def _first(names: list[str], common: tuple[str, ...]) -> str | None:
    """Return the first of some common names that is there, or is the last key of a path."""
    last = {one.rpartition(".")[2].casefold(): one for one in reversed(names)}
    return next((last[one] for one in common if one in last), None)


def _paths(record: dict[str, Any], above: str = "") -> list[str]:
    found: list[str] = []
    for key, value in record.items():
        found += _paths(value, f"{above}{key}.") if isinstance(value, dict) else [f"{above}{key}"]
    return found
