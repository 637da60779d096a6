"""SageMaker's Batch Transform capture: manifests that name input and output files.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-batch.html, and of joined
outputs https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html: CSV ends with the
answer; a JSON object gets the key ``SageMakerOutput``; other JSON is the key ``SageMakerInput`` next to it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.days import DAY
from daywatch.engine.duck import text
from daywatch.ingest.captures.manifest import Manifest, read_manifest
from daywatch.ingest.captures.source import SourceObject, partitioned_objects
from daywatch.ingest.captures.transform_lines import TransformLines
from daywatch.ingest.payloads.one_side import provide_csv_rows
from daywatch.ingest.reading.json_array import lines_of_only_array
from daywatch.ingest.reading.lines import LINE_COLUMNS
from daywatch.ingest.reading.portions import registered_lines
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import SageMakerBatch
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

_PARTITION = "%Y/%m/%d/%H"


@dataclass(frozen=True)
class TransformFile(SourceObject):
    """A file that a manifest names, or the manifest itself where that cannot be read.

    Attributes:
        request: The input file of an output file, None if it is not needed.
        reason: Reason code if nothing of the file can be read, else empty.
        detail: Why nothing can be read, as a sentence.
    """

    request: StoredObject | None = None
    reason: str = ""
    detail: str = ""


class BatchSource:
    """Reads ``{prefix}/{input,output}/yyyy/mm/dd/hh/``: each manifest names files, whose lines are records."""

    def __init__(self, capture: SageMakerBatch, answers: int) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
            answers: Number of values at the end of a joined CSV line that are the answer.
        """
        self._capture = capture
        self._lines = TransformLines(capture, answers)
        self._parts = capture.payload.parts

    @property
    def folder(self) -> str:
        """Folder of the manifests below the data URI: that of the outputs, if they were captured."""
        return f"{self._capture.prefix}/{'input' if self._parts == 'request' else 'output'}"

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the files that the manifests of the window's hours name.

        If records have times, the manifests of a day before and after the window count too: a job writes its
        manifest in one hour, but may take many.
        """
        timed = self._capture.inference_columns and self._parts != "request"
        slack = DAY if timed else timedelta()
        manifests = partitioned_objects(storage, self.folder, _PARTITION, window, slack=slack)
        by_hour: dict[str, list[SourceObject]] = {}
        for one in manifests:
            by_hour.setdefault(one.start.strftime(_PARTITION), []).append(one)
        files: list[SourceObject] = []
        for hour, ours in by_hour.items():
            inputs = self._inputs(storage, hour)
            for index, one in enumerate(ours):
                files += self._files(storage, one, index, inputs)
        return files

    def _inputs(self, storage: Storage, hour: str) -> list[Manifest]:
        """Return the input manifests of an hour, where outputs need one."""
        if self._capture.joined or self._parts != "both":
            return []
        listed = storage.list(f"{self._capture.prefix}/input/{hour}/")
        return [read_manifest(storage, one) for one in listed]

    def _files(
        self, storage: Storage, at: SourceObject, index: int, inputs: list[Manifest]
    ) -> list[SourceObject]:
        """Return the files of one manifest, each with its input.

        Args:
            storage: The storage of the data URI.
            at: The manifest.
            index: Index of the manifest among those of its hour.
            inputs: The input manifests of the same hour.
        """
        manifest = read_manifest(storage, at.stored)
        if manifest.problem:
            where = (at.stored, at.start, at.end, at.slack)
            return [TransformFile(*where, reason=Reason.NOT_A_MANIFEST, detail=manifest.problem)]
        needs_input = self._parts == "both" and not self._capture.joined
        files: list[SourceObject] = []
        for number, key in enumerate(manifest.keys):
            stored = storage.find(key)
            input_key = _input_of(manifest, number, index, inputs) if needs_input else None
            request = storage.find(input_key) if input_key else None
            missing = ""
            if stored is None:
                missing = f"the manifest names {key}, which is not there"
            elif needs_input and request is None:
                missing = f"the input of {key} is not there: {input_key or 'no input manifest of its hour names it'}"
            files.append(
                TransformFile(
                    stored or at.stored,
                    at.start,
                    at.end,
                    at.slack,
                    request=request,
                    reason=Reason.NO_FILE if missing else "",
                    detail=missing,
                )
            )
        return files

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,  # noqa: ARG002 - nothing is spooled: lines are streamed
    ) -> Generator[str]:
        """Yield queries for the records: each line of an output with the line of its input."""
        provide_csv_rows(connection)
        for number, one in objects.items():
            if not isinstance(one, TransformFile):
                continue
            if one.reason:
                yield (
                    f"SELECT {number} AS object, 1 AS record, {text(one.reason)} AS reason, "
                    f"{text(one.detail)} AS detail, '' AS excerpt"
                )
                continue
            stored = {0: one.stored} | ({1: one.request} if one.request else {})
            limits = self._capture.limits
            with registered_lines(
                connection, "arriving_lines", storage, stored, limits, arrays=lines_of_only_array
            ) as portions:
                connection.execute(f"CREATE OR REPLACE TEMP TABLE capture_lines ({LINE_COLUMNS})")
                for _ in portions:
                    connection.execute("INSERT INTO capture_lines FROM arriving_lines")
            yield self._lines.query(number, one)


def _input_of(manifest: Manifest, number: int, index: int, inputs: list[Manifest]) -> str | None:
    """Return the key of an output's input, None if no input manifest names it.

    The input has the output's name without ``.out``; the input manifest with the same index among those of its hour
    is searched first. If no name fits, the input is the file with the output's number in that manifest, if both
    manifests name the same number of files.
    """
    name = manifest.names[number].removesuffix(".out")
    same_index = inputs[index : index + 1]
    for one in [*same_index, *inputs]:
        if name in one.names:
            return one.keys[one.names.index(name)]
    if same_index and len(same_index[0].keys) == len(manifest.keys):
        return same_index[0].keys[number]
    return None
