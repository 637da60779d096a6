"""SageMaker's ground truth: JSON Lines in folders that are dated by the day of collection.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.labels.dated import label_objects
from daywatch.ingest.labels.json_lines import read_json_lines
from daywatch.ingest.labels.source import LabelReader
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.labels import GroundTruthLabels
    from daywatch.ingest.labels.source import Insert, LabelObject, LabelRequest

_PATHS: dict[str, str | None] = {
    "event_id": "$.eventMetadata.eventId",
    "truth": "$.groundTruthData",
    "data": "$.groundTruthData.data",
    "encoding": "$.groundTruthData.encoding",
}

_JSON = "encoding = 'JSON'"


def _labels_query(label: str, rows: str | None) -> str:
    """Return SQL for the labels of ``parsed``: those of several rows have positions, in the order of the rows.

    CSV has them on lines of their own. JSON is one label, a list of labels or of objects with a label, or JSON Lines.

    Args:
        label: JSON path of the label in a row.
        rows: JSON path of the list of rows, None to find it.
    """
    lines = "string_split(rtrim(replace(coalesce(data, ''), chr(13), ''), chr(10)), chr(10))"
    filled = f"list_filter({lines}, lambda one: trim(one) <> '')"
    documents = f"""CASE WHEN json_valid(data) THEN {_documents(label, rows)}
        WHEN list_bool_and(list_transform({filled}, lambda one: json_valid(one))) THEN {filled} END"""
    value = f"""CASE WHEN json_type(one) = 'OBJECT' THEN json_extract_string(one, {text(label)})
        ELSE json_extract_string(one, '$') END"""
    # null is an outcome that is not known yet; what lacks the member is no ground truth.
    absent = f"json_type(one) = 'OBJECT' AND json_type(one, {text(label)}) IS NULL"
    problems = [
        Rule(
            # The truth may be text that is no JSON.
            "event_id IS NOT NULL AND data IS NULL AND coalesce(TRY(json_type(truth, '$.data')), '') <> 'NULL'",
            Reason.NO_LABEL,
            "'expected groundTruthData.data, which is null where the outcome is not known yet'",
        ),
        Rule(
            f"encoding <> 'CSV' AND NOT {_JSON}",
            Reason.ENCODING,
            "'expected the encoding CSV or JSON, but received ' || left(encoding, 60)",
        ),
        Rule(
            f"{_JSON} AND documents IS NULL", Reason.NOT_PAYLOAD_JSON, "'the ground truth is not whole JSON'"
        ),
        Rule(
            f"{_JSON} AND len(documents) = 0",
            Reason.NO_LABEL,
            text(f"the ground truth holds no rows{f' at {rows}' if rows else ''}"),
        ),
    ]
    return f"""
        , documented AS (
            SELECT *, CASE WHEN {_JSON} THEN {documents} END AS documents FROM parsed
        ), listed AS (
            SELECT object, record, event_id, excerpt,
                coalesce(reason, {first_reason(problems)}) AS reason,
                CASE WHEN reason IS NOT NULL THEN detail ELSE {first_detail(problems)} END AS detail,
                CASE WHEN NOT coalesce({_JSON}, false) THEN {lines}
                    WHEN len(documents) > 0 THEN list_transform(documents, lambda one: {value})
                    ELSE [NULL] END AS labels,
                CASE WHEN {_JSON} THEN list_transform(documents, lambda one: {absent}) END AS absent
            FROM documented
        ), labelled AS (
            SELECT * EXCLUDE (labels, absent), unnest(labels) AS label, coalesce(unnest(absent), false) AS absent,
                CASE WHEN len(labels) > 1 THEN unnest(range(1, len(labels) + 1)) END AS position
            FROM listed
        )
        SELECT object, record, event_id AS id, label, position, NULL AS collected,
            CASE WHEN absent THEN coalesce(reason, {text(Reason.NO_LABEL)}) ELSE reason END AS reason,
            CASE WHEN absent AND reason IS NULL THEN {text(f"the ground truth has no {label}")}
                ELSE detail END AS detail,
            excerpt
        FROM labelled
    """


def _documents(label: str, rows: str | None) -> str:
    """Return SQL for the rows of a JSON document, each as JSON."""
    if rows:
        return f"json_extract(data, {text(rows + '[*]')})::VARCHAR[]"
    only = "(json_extract(data, '$.*')::VARCHAR[])"
    holds_list = f"len({only}) = 1 AND json_type({only}[1]) = 'ARRAY'"
    return f"""CASE
        WHEN json_type(data) = 'ARRAY' THEN json_extract(data, '$[*]')::VARCHAR[]
        WHEN json_type(data) = 'OBJECT' AND json_type(data, {text(label)}) = 'ARRAY'
            THEN json_extract(data, {text(label + "[*]")})::VARCHAR[]
        WHEN json_type(data) = 'OBJECT' AND json_type(data, {text(label)}) IS NULL AND {holds_list}
            THEN json_extract({only}[1], '$[*]')::VARCHAR[]
        ELSE [data] END"""


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
        """Return the objects of the days that the delay allows, or all that are not dated."""
        return label_objects(self._labels, self._request, (".jsonl", ".jsonl.gz", ".json", ".json.gz"))

    def read(
        self, connection: duckdb.DuckDBPyConnection, objects: Mapping[int, LabelObject], insert: Insert
    ) -> None:
        """Pass ids and labels to ``insert``; labels of several rows have positions."""
        stored = {number: one.stored for number, one in objects.items() if one.stored is not None}
        label = self._labels.label
        query = _labels_query(label if label.startswith("$") else f"$.{label}", self._labels.rows)
        read_json_lines(connection, self._request.storage, stored, _PATHS, query, insert)
