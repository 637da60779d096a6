"""KServe's request log in blob storage: an object for each request and one for each response, joined by their ids.

Format: https://kserve.github.io/website/docs/model-serving/predictive-inference/logger/blob-storage-logger and
https://github.com/kserve/kserve/blob/master/pkg/logger/store.go
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from daywatch.days import HOUR
from daywatch.engine.duck import text
from daywatch.ingest.captures.line_fields import kept_values, line_fields
from daywatch.ingest.captures.source import SourceObject, of_object
from daywatch.ingest.reading.json_array import lines_of_array
from daywatch.ingest.reading.portions import registered_lines
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from daywatch.config.model.capture import KServeLog
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

_ENDINGS = {"request": "-request.json", "response": "-response.json"}
_SLACK, _TIMED_SLACK = HOUR, timedelta(days=2)
_PATHS = {
    "id": "$.Id",
    "body": "$.Bytes",
    "service": "$.InferenceService",
    "annotations": "$.Annotations",
}
_NO_ANSWER = "no_response"
"""The status of a request that has no response: KServe logs none of a request that failed."""


class _Pair(NamedTuple):
    """The objects of one id, either of which may be missing."""

    request: StoredObject | None = None
    response: StoredObject | None = None


class KServeSource:
    """Reads ``{prefix}/{id}-request.json`` and ``{prefix}/{id}-response.json``."""

    def __init__(self, capture: KServeLog) -> None:
        """Prepare to read.

        Args:
            capture: The model's capture configuration.
        """
        self._capture = capture
        self._pairs: dict[str, _Pair] = {}

    @property
    def folder(self) -> str:
        """Folder of the log below the data URI."""
        return self._capture.prefix

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the requests that were stored in the window or close to it, and responses without a request.

        The folders are not dated: when an object was stored says when its request was answered.
        """
        slack = _TIMED_SLACK if self._capture.time else _SLACK
        self._pairs = dict(_paired(storage.list(f"{self._capture.prefix}/")))
        found = []
        for pair in self._pairs.values():
            stored = pair.request or pair.response
            at = stored.modified if stored else None
            if stored and at and window.start - slack <= at < window.end + slack:
                found.append(SourceObject(stored, at, at + timedelta(microseconds=1), slack))
        return sorted(found, key=lambda one: one.stored.key)

    def all_stored(self, objects: list[SourceObject]) -> list[StoredObject]:
        """Return the objects with their responses: one that arrives later is late evidence."""
        pairs = (self._pairs[_id_of(one.stored.key)] for one in objects)
        return [stored for pair in pairs for stored in pair if stored is not None]

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        storage: Storage,
        objects: dict[int, SourceObject],
        scratch: Path,  # noqa: ARG002 - lines are gathered in the connection's own tables
    ) -> Generator[str]:
        """Yield the query for the records: requests with their responses."""
        pairs = {number: self._pairs[_id_of(one.stored.key)] for number, one in objects.items()}
        for side in _ENDINGS:
            stored = {
                number: one for number, pair in pairs.items() if (one := getattr(pair, side)) is not None
            }
            connection.execute(f"CREATE OR REPLACE TEMP TABLE kserve_{side} ({_COLUMNS})")
            with registered_lines(
                connection, "kserve_lines", storage, stored, self._capture.limits, arrays=lines_of_array
            ) as portions:
                for _ in portions:
                    connection.execute(f"INSERT INTO kserve_{side} {self._lines()}")
        yield self._records()

    def _lines(self) -> str:
        """Return SQL from a portion of the lines to what is kept of them, the nth of each id numbered."""
        time = self._capture.time
        paths = _PATHS | ({"given_time": time} if time else {})
        rules = [
            Rule("NOT is_json", Reason.NOT_JSON, "'the object is not whole JSON'"),
            Rule("id IS NULL OR body IS NULL", Reason.NOT_A_CAPTURE, "'expected Id and Bytes'"),
            Rule(
                "contains(id, chr(0))",
                Reason.NUL_CHARACTER,
                "'the id contains a NUL character, which no database stores'",
            ),
        ]
        return f"""
            WITH {line_fields("kserve_lines", paths)}
            SELECT object, record, id, row_number() OVER (PARTITION BY object, id ORDER BY record) AS nth,
                body, TRY(decode(from_base64(body))) AS payload, service, annotations,
                {"given_time" if time else "NULL"} AS given_time,
                {kept_values(self._capture.keep, "CASE WHEN is_json THEN line END")} AS kept,
                coalesce(reason, {first_reason(rules)}) AS reason, coalesce(detail, {first_detail(rules)}) AS detail,
                coalesce(excerpt, line) AS excerpt
            FROM named
        """

    def _records(self) -> str:
        """Return SQL with a row for each request and its response."""
        layout, only = self._capture.payload, self._capture.payload.parts
        parts = [rule for name in _ENDINGS if only in ("both", name) for rule in _part_rules(name)]
        answered = "a.id IS NOT NULL OR q.id IS NULL" if only == "both" else "true"
        stored = of_object("start")
        time = (
            "TRY_CAST(coalesce(q.given_time, a.given_time) AS TIMESTAMPTZ)" if self._capture.time else stored
        )
        no_time = Rule(
            "inference_time IS NULL", Reason.NO_TIME, text(f"expected a time at {self._capture.time}")
        )
        return f"""
            SELECT * EXCLUDE (nth_request, nth_response, found, said) REPLACE (
                    row_number() OVER (PARTITION BY object ORDER BY nth_request NULLS LAST, nth_response) AS record),
                coalesce(found, {first_reason([no_time])}) AS reason,
                coalesce(said, {first_detail([no_time])}) AS detail
            FROM (
                SELECT object, 0::BIGINT AS record, q.record AS nth_request, a.record AS nth_response,
                    id AS event_id, id AS inference_id, {time} AS inference_time,
                    q.payload AS request, {_kind("q", layout.request_kind)} AS request_kind,
                    a.payload AS response, {_kind("a", layout.response_kind)} AS response_kind,
                    CASE WHEN {answered} THEN 'succeeded' ELSE {text(_NO_ANSWER)} END AS status,
                    strlen(q.payload) AS request_bytes, strlen(a.payload) AS response_bytes,
                    coalesce(q.service, a.service) AS variant, coalesce(q.annotations, a.annotations) AS attributes,
                    coalesce(q.kept, a.kept) AS kept,
                    {first_reason(parts)} AS part_reason, {first_detail(parts)} AS part_detail,
                    coalesce(q.reason, a.reason) AS found, coalesce(q.detail, a.detail) AS said,
                    coalesce(q.excerpt, a.excerpt) AS excerpt
                FROM kserve_request AS q FULL JOIN kserve_response AS a USING (object, id, nth)
            )
            ORDER BY object, record
        """


_COLUMNS = """
    object INTEGER, record BIGINT, id VARCHAR, nth BIGINT, body VARCHAR, payload VARCHAR,
    service VARCHAR, annotations VARCHAR, given_time VARCHAR, kept VARCHAR[],
    reason VARCHAR, detail VARCHAR, excerpt VARCHAR
"""


def _part_rules(name: str) -> list[Rule]:
    side = "q" if name == "request" else "a"
    return [
        Rule(
            f"{side}.body IS NOT NULL AND {side}.payload IS NULL",
            Reason.NOT_BASE64,
            f"'the {name} is said to be BASE64, but is not, or holds no UTF-8 text'",
        )
    ]


def _kind(side: str, configured: str | None) -> str:
    """Return SQL for the kind of a payload: as configured, else JSON by its first character, else CSV."""
    return text(configured) if configured else f"if(ltrim({side}.payload)[1] IN ('{{', '['), 'json', 'csv')"


def _id_of(key: str) -> str:
    """Return the key of a request or response without what says which of the two it is."""
    return next((key.removesuffix(ending) for ending in _ENDINGS.values() if key.endswith(ending)), key)


def _paired(stored: Iterator[StoredObject]) -> Iterator[tuple[str, _Pair]]:
    """Yield the objects of each id, in the order of the ids."""
    found: dict[str, dict[str, StoredObject]] = {}
    for one in stored:
        for side, ending in _ENDINGS.items():
            if one.key.endswith(ending):
                found.setdefault(_id_of(one.key), {})[side] = one
    for name in sorted(found):
        yield name, _Pair(**found[name])
