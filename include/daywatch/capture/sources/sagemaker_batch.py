"""SageMaker's Batch Transform capture: manifests that name input and output files.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-batch.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.capture.lines import EXCERPT, read_lines
from daywatch.capture.reasons import Reason
from daywatch.capture.sources.source import SourceObject, partitioned_objects

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.capture import SageMakerBatch
    from daywatch.storage import Storage
    from daywatch.window import Window

_PARTITION = "%Y/%m/%d/%H"
_ROWS_AT_ONCE = 20_000


_COLUMNS = (
    *("object", "record", "event_id", "inference_id", "inference_time"),
    *("request", "request_kind", "response", "response_kind", "reason", "detail", "excerpt"),
)

Row = dict[str, Any]


class BatchSource:
    """Reads ``{prefix}/{input,output}/yyyy/mm/dd/hh/``: each manifest names files, whose lines are records."""

    def __init__(self, capture: SageMakerBatch, features: int) -> None:
        """Read as configured.

        Args:
            capture: Where the captures lie.
            features: How many values of a joined CSV line are the input.
        """
        self._capture = capture
        self._features = features

    @property
    def folder(self) -> str:
        """Folder of the output's manifests below the data URI."""
        return f"{self._capture.prefix}/output"

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the output manifests of the window's hours and of one hour past both ends."""
        return partitioned_objects(storage, self.folder, _PARTITION, window, ("",))

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: list[SourceObject],
        scratch: Path,  # noqa: ARG002 - nothing is spooled: lines are streamed
    ) -> None:
        """Fill the table ``records``: an output's line beside its input's."""
        for number, one in enumerate(objects):
            rows: list[Row] = []
            for record, row in enumerate(self._rows(storage, one), start=1):
                rows.append({"object": number, "record": record, **row})
                if len(rows) == _ROWS_AT_ONCE:
                    _insert(connection, rows)
                    rows = []
            _insert(connection, rows)

    def _rows(self, storage: Storage, manifest: SourceObject) -> Iterator[Row]:
        """Yield the records that a manifest names, or one that says why it names none."""
        try:
            outputs = _named(storage, manifest.stored.key)
            inputs = [] if self._capture.joined else _named(storage, self._input_manifest(storage, manifest))
        except ValueError as error:
            yield {"reason": Reason.NOT_A_MANIFEST, "detail": str(error), "excerpt": ""}
            return
        for place, output in enumerate(outputs):
            request = inputs[place] if place < len(inputs) else None
            yield from self._file(storage, manifest, output, request)

    def _input_manifest(self, storage: Storage, manifest: SourceObject) -> str:
        """Return the input's manifest of the same hour and the same place among its hour's manifests."""
        hour = manifest.start.strftime(_PARTITION)
        outputs = [one.key for one in storage.list(f"{self.folder}/{hour}/")]
        inputs = [one.key for one in storage.list(f"{self._capture.prefix}/input/{hour}/")]
        place = outputs.index(manifest.stored.key)
        if place >= len(inputs):
            msg = f"there is no input manifest for it under {self._capture.prefix}/input/{hour}/"
            raise ValueError(msg)
        return inputs[place]

    def _file(
        self, storage: Storage, manifest: SourceObject, output: str, request: str | None
    ) -> Iterator[Row]:
        """Yield the records of one output file."""
        answers = _lines(storage, output, self._capture)
        questions = _lines(storage, request, self._capture) if request else iter(())
        for place, (line, problem) in enumerate(answers, start=1):
            question = next(questions, ("", ""))[0] if request else None
            if problem:
                yield {"reason": problem, "detail": f"line {place} of {output}", "excerpt": line[:EXCERPT]}
                continue
            row = self._json(line) if line.startswith(("{", "[")) else self._csv(line)
            row.setdefault("inference_time", manifest.start)
            row["event_id"] = row.get("inference_id") or f"{output}#{place}"
            row["excerpt"] = line[:EXCERPT]
            if question is not None:
                kind = "json" if question.startswith(("{", "[")) else "csv"
                row["request"], row["request_kind"] = question, kind
            yield row

    def _csv(self, line: str) -> Row:
        """Read a CSV line: the input where joined, the answer, then id and time where generated."""
        values = next(csv.reader([line]), [])
        row: Row = {"request_kind": "csv", "response_kind": "csv"}
        if self._capture.inference_columns:
            if len(values) < 3:
                return {**row, "reason": Reason.VALUE_COUNT, "detail": "expected an id and a time at the end"}
            *values, row["inference_id"], moment = values
            row |= _time(moment)
        if self._capture.joined:
            row["request"] = _csv_line(values[: self._features])
            values = values[self._features :]
        row["response"] = _csv_line(values)
        return row

    def _json(self, line: str) -> Row:
        """Read a JSON line; id and time stand beside the answer where generated."""
        row: Row = {"response": line, "response_kind": "json"}
        try:
            content = json.loads(line)
        except ValueError:
            return {**row, "reason": Reason.NOT_JSON, "detail": "the line is not whole JSON"}
        if self._capture.joined:
            row |= {"request": line, "request_kind": "json"}
        if self._capture.inference_columns and isinstance(content, dict):
            row["inference_id"] = content.get("SageMakerInferenceId")
            row |= _time(content.get("SageMakerInferenceTime"))
        return row


def _named(storage: Storage, key: str) -> list[str]:
    """Return the keys that a manifest names.

    Raises:
        ValueError: It is no manifest, or names files outside the data URI.
    """
    try:
        entries = json.loads(storage.read(key))
        prefix, names = entries[0]["prefix"], entries[1:]
    except (ValueError, LookupError, TypeError):
        msg = f'{key} is no manifest: expected [{{"prefix": "s3://..."}}, "a.csv", ...]'
        raise ValueError(msg) from None
    below = storage.uri.rstrip("/") + "/"
    addresses = [f"{prefix}{name}" for name in names if isinstance(name, str)]
    outside = [address for address in addresses if not address.startswith(below)]
    if outside:
        msg = f"{key} names {outside[0]}, which does not lie below {storage.uri}"
        raise ValueError(msg)
    return [address.removeprefix(below) for address in addresses]


def _lines(storage: Storage, key: str, capture: SageMakerBatch) -> Iterator[tuple[str, str]]:
    """Yield each line of a file with its problem, empty for none; a file that is not there is one problem."""
    stored = next((one for one in storage.list(key.rpartition("/")[0] + "/") if one.key == key), None)
    if stored is None:
        yield "", Reason.NO_FILE
        return
    for batch in read_lines(storage, {0: stored}, capture.limits):
        for row in batch.to_pylist():
            yield row["line"] or row["excerpt"] or "", row["reason"] or ""


def _time(moment: Any) -> Row:
    """Return the time of an inference, or why it has none."""
    try:
        return {"inference_time": datetime.fromisoformat(str(moment)).astimezone(UTC)}
    except ValueError:
        return {"reason": Reason.NO_TIME, "detail": "expected a time such as 2013-02-09T10:00:00Z"}


def _csv_line(values: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _insert(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """Append rows to ``records``."""
    import pyarrow as pa

    if not rows:
        return
    types = {"object": pa.int32(), "record": pa.int64(), "inference_time": pa.timestamp("us", tz="UTC")}
    table = pa.table(
        {name: pa.array([row.get(name) for row in rows], types.get(name, pa.string())) for name in _COLUMNS}
    )
    connection.register("batch_rows", table)
    connection.execute("INSERT INTO records BY NAME SELECT * FROM batch_rows")
    connection.unregister("batch_rows")
