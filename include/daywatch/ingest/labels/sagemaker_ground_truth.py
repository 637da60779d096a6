"""SageMaker's ground truth: JSON Lines in folders that are dated by the day of collection.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.ingest.labels.dated import dated_objects
from daywatch.ingest.labels.json_lines import read_json_lines
from daywatch.ingest.labels.source import LabelReader
from daywatch.ingest.reading.quarantine import Reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.labels import GroundTruthLabels
    from daywatch.ingest.labels.source import Insert, LabelObject, LabelRequest

_PATHS: dict[str, str | None] = {
    "event_id": "$.eventMetadata.eventId",
    "data": "$.groundTruthData.data",
    "encoding": "$.groundTruthData.encoding",
}

_SELECT = f"""
    , lines AS (
        SELECT *, string_split(rtrim(replace(coalesce(data, ''), chr(13), ''), chr(10)), chr(10)) AS labels
        FROM parsed
    )
    SELECT object, record, event_id AS id, unnest(labels) AS label,
        CASE WHEN len(labels) > 1 THEN unnest(range(1, len(labels) + 1)) END AS position, NULL AS collected,
        CASE WHEN reason IS NULL AND encoding <> 'CSV' THEN '{Reason.ENCODING}' ELSE reason END AS reason,
        CASE WHEN reason IS NULL AND encoding <> 'CSV'
            THEN 'expected the encoding CSV, but received ' || left(encoding, 60) ELSE detail END AS detail,
        excerpt
    FROM lines
"""
"""Labels of several rows come on lines of their own, in the order of the rows."""


class GroundTruthReader(LabelReader):
    """SageMaker's ground truth of a window."""

    id_position = "eventMetadata.eventId"
    label_position = "groundTruthData.data"
    sparse = False

    def __init__(self, labels: GroundTruthLabels, request: LabelRequest) -> None:
        """Prepare to read.

        Args:
            labels: The model's configuration of labels.
            request: The window, and how to reach the storage.
        """
        self._labels, self._request = labels, request

    def objects(self) -> list[LabelObject]:
        """Return the objects in the folders of the days that the delay allows."""
        first, last = self._request.window.first, self._request.last_day(self._labels)
        endings = (".jsonl", ".jsonl.gz")
        return dated_objects(self._request.storage, self._labels.prefix, "%Y/%m/%d", first, last, endings)

    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Pass ids and labels to ``insert``; labels of several rows have positions."""
        stored = {number: one.stored for number, one in objects.items() if one.stored is not None}
        read_json_lines(connection, self._request.storage, stored, _PATHS, _SELECT, insert)
