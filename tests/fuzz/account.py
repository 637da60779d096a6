"""The equations of an export, counted from the files that it wrote and, apart from them, from the lines that it read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from daywatch.ingest.export import ExportedFiles
from daywatch.ingest.export_counts import ExportCounts
from daywatch.storage import Storage

_BLANK = b" \t\r\n\x00"
_TRAILING_COMMA = re.compile(rb",\s*[}\]]")
_BOM = b"\xef\xbb\xbf"

UNKNOWN = object()
"""Stands for an id that only the engine's own parser can tell, such as that of a number."""


class Seen(NamedTuple):
    """What plain Python sees of a record.

    Attributes:
        id: Its id; None if it has none that can be read, so that it cannot be a duplicate.
        answered: False if the record says that its request failed.
        rows: Number of its rows, None if only the engine's own parser can tell.
    """

    id: Any = None
    answered: bool = True
    rows: int | None = None


Records = dict[int, Seen]
"""The records of an object, by their numbers."""

Expected = dict[str, Records | int]
"""What is in each object: its records, or only their number."""


def unpacked(content: bytes) -> bytes:
    """Return the bytes of an object without gzip and byte-order mark."""
    return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).removeprefix(_BOM)


def lines_of(content: bytes) -> dict[int, bytes]:
    """Return the lines of an object that are not blank, by their numbers."""
    lines = enumerate(unpacked(content).split(b"\n"), start=1)
    return {number: line.strip(_BLANK) for number, line in lines if line.strip(_BLANK)}


def json_of(line: bytes) -> Any:
    """Return what a line of JSON says; of two equal keys the first counts. None if it is not JSON.

    The engine's parser forgives a comma before a closing bracket, so that only it can tell what such a line says.
    """
    try:
        return json.loads(line, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except ValueError:
        return UNKNOWN if _TRAILING_COMMA.search(line) else None
    except RecursionError:
        return UNKNOWN


def at_path(document: Any, *keys: str) -> Any:
    """Return the value at a path, None where there is none."""
    for key in keys:
        if document is UNKNOWN:
            return UNKNOWN
        document = document.get(key) if isinstance(document, dict) else None
    return document


def id_of(value: Any) -> Any:
    """Return an id that is text, UNKNOWN for any other value, None for none."""
    return value if value is None or isinstance(value, str) else UNKNOWN


def csv_rows(text: str) -> int | None:
    """Return the number of rows in a payload that is CSV, None where quotes are not in pairs.

    A blank line is a row, unless it is at the end.
    """
    plain = text.replace("\r", "").rstrip("\n")
    if '"' not in plain:
        return plain.count("\n") + 1
    try:
        return len(list(csv.reader(io.StringIO(plain, newline="\n"), strict=True)))
    except csv.Error:
        return None


def realtime(content: bytes) -> Records:
    """Count SageMaker's real-time captures."""
    return {number: _realtime_record(json_of(line)) for number, line in lines_of(content).items()}


def realtime_array(content: bytes) -> Records:
    """Count the same in one JSON array, whose elements are all whole."""
    return {number: _realtime_record(one) for number, one in enumerate(json_of(content), 1)}


def _realtime_record(record: Any) -> Seen:
    request = at_path(record, "captureData", "endpointInput")
    is_csv = at_path(request, "encoding") in (None, "CSV")
    data = at_path(request, "data")
    rows = csv_rows(data) if is_csv and isinstance(data, str) else None
    return Seen(id_of(at_path(record, "eventMetadata", "eventId")), rows=rows)


def transactions(content: bytes) -> Records:
    """Count transaction records."""
    return {number: _transaction(json_of(line)) for number, line in lines_of(content).items()}


def _transaction(record: Any) -> Seen:
    status = at_path(record, "status")
    answered = isinstance(status, str) and status.lower() in ("succeeded", "success", "ok")
    return Seen(id_of(at_path(record, "transaction_id")), answered)


def parquet_rows(content: bytes, id_column: str) -> Records:
    """Count the rows of a Parquet file."""
    table = pq.read_table(io.BytesIO(content))
    statuses = table["status"].to_pylist() if "status" in table.column_names else ["ok"] * table.num_rows
    ids = table[id_column].to_pylist()
    return {
        number: Seen(one or None, str(status).lower() in ("succeeded", "success", "ok"))
        for number, (one, status) in enumerate(zip(ids, statuses, strict=True), start=1)
    }


def csv_table(content: bytes) -> int:
    """Count the rows of a CSV table with a header, and the lines that are no rows of it.

    A row may have several lines, if its quotation ends and it has as many values as the header has names; otherwise
    each line that is not blank counts.
    """
    header, *lines = re.sub(rb"\r+(\n|$)", b"\n", unpacked(content)).split(b"\n")
    columns, at, found = header.count(b",") + 1, 0, 0
    while at < len(lines):
        end = at + 1
        if _opens(lines[at]):
            closing = next((n for n in range(at + 1, len(lines)) if lines[n].count(b'"') % 2), None)
            if closing is not None and _is_row(b"\n".join(lines[at : closing + 1]), columns):
                end = closing + 1
        found += bool(lines[at])
        at = end
    return found


def _opens(line: bytes) -> bool:
    """Return whether a line with an odd number of quotation marks ends within a value that one begins."""
    state, text = "before", line.decode("latin-1")
    for char in text if text.count('"') % 2 else "":
        if state == "quoted":
            state = "closed" if char == '"' else state
        elif char == ",":
            state = "before"
        elif state == "closed":
            if char not in '" ':
                return False
            state = "quoted" if char == '"' else "after"
        elif state == "after":
            if char != " ":
                return False
        elif state == "before" and char != " ":
            state = "quoted" if char == '"' else "plain"
    return state == "quoted"


def _is_row(lines: bytes, columns: int) -> bool:
    try:
        rows = list(
            csv.reader(
                io.StringIO(lines.decode("latin-1") + "\n", newline="\n"), strict=True, skipinitialspace=True
            )
        )
    except csv.Error:
        return False
    return [len(row) for row in rows] == [columns]


def transform(
    files: Mapping[str, bytes], output: str, request: str | None, ids: Callable[[bytes], Any]
) -> Records:
    """Count the lines of a Batch Transform's output and input, which pair by their numbers.

    If only the input has blank lines, and as many others as the output, its blank lines were no requests.
    """
    answers = lines_of(files[output])
    found = {number: Seen(ids(line), rows=None) for number, line in answers.items()}
    if request is None:
        return found
    requests = lines_of(files[request])
    numbers: Iterable[int] = requests
    if len(requests) == len(answers) == max(answers, default=0):
        numbers = range(1, len(requests) + 1)
    return {number: Seen() for number in numbers} | found


_ID = re.compile(r"[ ]*(.*?)[ ]*", re.DOTALL)


def transform_id(line: bytes) -> Any:
    """Return the id near the end of a line of a Batch Transform's output, UNKNOWN if it is not plain."""
    if line.lstrip()[:1] in (b"{", b"["):
        return id_of(at_path(json_of(line), "SageMakerInferenceId"))
    values = line.decode("utf-8", "replace").split(",")
    return UNKNOWN if b'"' in line else (values[-2].strip(" ") if len(values) > 1 else None)


def check(files: ExportedFiles, storage: Storage, expected: Expected | None = None) -> None:
    """Check the equations of records and rows.

    Args:
        files: What the export wrote.
        storage: The storage of the captures.
        expected: What is in each object, by plain Python; None where only the engine's own parser can tell.
    """
    counts = files.counts
    rows = pq.read_table(
        files.inferences, columns=["source_key", "source_record", "row_in_record", "event_id"]
    )
    keys, records, numbers, ids = (column.to_pylist() for column in rows.columns)
    bad = pq.read_table(files.quarantine, columns=["kind", "source", "record", "row_in_record"]).to_pylist()
    lost = [(one["source"], one["record"], one["row_in_record"]) for one in bad if one["kind"] == "capture"]
    addresses = {key: storage.address(key) for key in {*keys, *(expected or {})}}
    exported = [
        (addresses[key], record, row) for key, record, row in zip(keys, records, numbers, strict=True)
    ]
    _check_files(counts, exported, lost, ids)
    if expected is not None:
        objects = {addresses[key]: records for key, records in expected.items()}
        _check_lines(counts, exported, lost, objects)


def _check_files(
    counts: ExportCounts,
    exported: list[tuple[str, int, int]],
    lost: list[tuple[str, int, int | None]],
    ids: list[str],
) -> None:
    """Check what the export counted against its files."""
    assert counts.records == counts.exported + counts.quarantined + counts.duplicates + counts.unanswered
    assert counts.rows_read == counts.rows + counts.rows_quarantined
    whole = [(source, record) for source, record, row in lost if row is None]
    parts = [one for one in lost if one[2] is not None]
    with_rows = {(source, record) for source, record, _ in exported}
    bad = {(source, record) for source, record, _ in lost} - with_rows
    assert len({*exported, *lost}) == len(exported) + len(lost), "a row is in two places, or twice in one"
    assert not with_rows & {*whole}, "a record that was quarantined whole has rows"
    assert (len(exported), len(parts)) == (counts.rows, counts.rows_quarantined)
    assert (len(with_rows), len(bad)) == (counts.exported, counts.quarantined)
    assert len({*ids}) == len(with_rows), "two records of one id have rows"


def _check_lines(
    counts: ExportCounts,
    exported: list[tuple[str, int, int]],
    lost: list[tuple[str, int, int | None]],
    objects: Mapping[str, Records | int],
) -> None:
    """Check the same against the records that are in the objects."""
    total = sum(one if isinstance(one, int) else len(one) for one in objects.values())
    assert counts.records == total, f"{total} records are in the objects, {counts.records} were counted"
    outcomes: dict[str, dict[int, list[int | None]]] = {source: defaultdict(list) for source in objects}
    for source, record, row in (*exported, *lost):
        outcomes[source][record].append(row)
    missing, seen = 0, set[Any]()
    for source, records in sorted(objects.items()):
        if isinstance(records, int):
            continue
        strange = outcomes[source].keys() - records.keys()
        assert not strange, f"{source} has no records {sorted(strange)[:5]}"
        for number, one in records.items():
            found = outcomes[source].get(number)
            if found is None:
                missing += 1
                may_be_known = one.id is not None and (
                    one.id is UNKNOWN or not seen.isdisjoint({one.id, UNKNOWN})
                )
                assert may_be_known or not one.answered, f"{source}, record {number} is lost: {one}"
            elif found != [None]:
                assert sorted(found) == [*range(1, len(found) + 1)], (
                    f"{source}, record {number} lost a row: {found}"
                )
                assert one.rows in (None, len(found)), (
                    f"{source}, record {number}: {one.rows} rows, not {len(found)}"
                )
            if one.id is not None:
                seen.add(one.id)
    if not any(isinstance(records, int) for records in objects.values()):
        assert missing == counts.duplicates + counts.unanswered
