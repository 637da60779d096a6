"""SageMaker's real-time capture.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.ingest.captures.realtime_lines import records_query
from daywatch.ingest.captures.source import SourceObject, partitioned_objects
from daywatch.ingest.reading.json_array import lines_of_array
from daywatch.ingest.reading.portions import registered_lines

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.capture import SageMakerRealtime
    from daywatch.storage import Storage
    from daywatch.window import Window

_PARTITION = "%Y/%m/%d/%H"


class RealtimeSource:
    """Reads ``{prefix}/{endpoint}/{variant}/yyyy/mm/dd/hh/*.jsonl[.gz]``."""

    def __init__(self, capture: SageMakerRealtime) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
        """
        self._capture = capture

    @property
    def folder(self) -> str:
        """Folder of the endpoint's variant below the data URI."""
        capture = self._capture
        return "/".join(part for part in (capture.prefix, capture.endpoint, capture.variant) if part)

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the objects of the window's hours, and of the hour before and after it."""
        return partitioned_objects(storage, self.folder, _PARTITION, window, (".jsonl", ".jsonl.gz"))

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,  # noqa: ARG002 - nothing is spooled: lines are streamed
    ) -> Generator[str]:
        """Yield the query for the records, which reads a portion of the lines while they arrive."""
        query = records_query(self._capture)
        stored = {number: one.stored for number, one in objects.items()}
        limits = self._capture.limits
        with registered_lines(
            connection, "capture_lines", storage, stored, limits, arrays=lines_of_array
        ) as portions:
            for _ in portions:
                yield query
