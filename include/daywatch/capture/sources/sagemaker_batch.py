"""SageMaker's Batch Transform capture: manifests that name input and output files.

Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-batch.html, and of joined
outputs https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html: CSV ends with the
answer; a JSON object gets the key ``SageMakerOutput``, any other JSON stands under ``SageMakerInput`` beside it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.capture.lines import registered_lines
from daywatch.capture.reasons import Reason
from daywatch.capture.rows import provide_csv_rows
from daywatch.capture.sources.manifest import Manifest, read_manifest
from daywatch.capture.sources.source import SourceObject, partitioned_objects
from daywatch.engine.duck import text
from daywatch.window import DAY

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.capture import SageMakerBatch
    from daywatch.storage import Storage, StoredObject
    from daywatch.window import Window

_PARTITION = "%Y/%m/%d/%H"


@dataclass(frozen=True)
class TransformFile(SourceObject):
    """A file that a manifest names, or the manifest itself where that cannot be read.

    Attributes:
        request: The input file beside an output file, None where it is not needed.
        reason: Why nothing of it can be read, empty where it can.
        detail: In a sentence.
    """

    request: StoredObject | None = None
    reason: str = ""
    detail: str = ""


class BatchSource:
    """Reads ``{prefix}/{input,output}/yyyy/mm/dd/hh/``: each manifest names files, whose lines are records."""

    def __init__(self, capture: SageMakerBatch, answers: int) -> None:
        """Read as configured.

        Args:
            capture: Where the captures lie.
            answers: How many values at the end of a joined CSV line are the answer.
        """
        self._capture = capture
        self._answers = answers
        self._parts = capture.payload.parts

    @property
    def folder(self) -> str:
        """Folder of the manifests below the data URI: the output's, where it was captured."""
        return f"{self._capture.prefix}/{'input' if self._parts == 'request' else 'output'}"

    def objects(self, storage: Storage, window: Window) -> list[SourceObject]:
        """Return the files that the manifests of the window's hours name; with times, of a day past both ends.

        A job's manifest lies in one hour, the job itself may take many.
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
            for place, one in enumerate(ours):
                files += self._files(storage, one, place, inputs)
        return files

    def _inputs(self, storage: Storage, hour: str) -> list[Manifest]:
        """Return the input manifests of an hour, where outputs need one."""
        if self._capture.joined or self._parts != "both":
            return []
        listed = storage.list(f"{self._capture.prefix}/input/{hour}/")
        return [read_manifest(storage, one) for one in listed]

    def _files(
        self, storage: Storage, at: SourceObject, place: int, inputs: list[Manifest]
    ) -> list[SourceObject]:
        """Return the files of one manifest, each beside its input."""
        manifest = read_manifest(storage, at.stored)
        if manifest.problem:
            where = (at.stored, at.start, at.end, at.slack)
            return [TransformFile(*where, reason=Reason.NOT_A_MANIFEST, detail=manifest.problem)]
        needs_input = self._parts == "both" and not self._capture.joined
        files: list[SourceObject] = []
        for number, key in enumerate(manifest.keys):
            stored = storage.find(key)
            asked = _input_of(manifest, number, place, inputs) if needs_input else None
            request = storage.find(asked) if asked else None
            missing = ""
            if stored is None:
                missing = f"the manifest names {key}, which is not there"
            elif needs_input and request is None:
                missing = (
                    f"the input of {key} is not there: {asked or 'no input manifest of its hour names it'}"
                )
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
        """Yield queries for the records: an output's line beside its input's."""
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
            with registered_lines(connection, "arriving_lines", storage, stored, self._capture.limits):
                connection.execute("CREATE OR REPLACE TEMP TABLE capture_lines AS FROM arriving_lines")
            yield self._query(number, one)

    def _pairs(self) -> str:
        """Return SQL that lays each line of an output (object 0) beside its line of the input (object 1)."""
        header = self._capture.payload.header
        first = 1 if header and self._parts != "request" else 0
        named = "(SELECT line || chr(10) FROM numbered WHERE object = 1 AND nth = 1) || " if first else ""
        skipped = "AND nth > 1" if header and self._parts == "request" else ""
        titles = "(SELECT line || chr(10) FROM numbered WHERE object = 0 AND nth = 1)" if skipped else "''"
        return f"""
            WITH numbered AS (
                SELECT *, row_number() OVER (PARTITION BY object ORDER BY record) AS nth FROM capture_lines
            )
            SELECT coalesce(told.nth, asked.nth - {first}) AS nth, {titles} AS titles, told.line,
                {named}asked.line AS asked, coalesce(told.reason, asked.reason) AS reason,
                coalesce(told.detail, asked.detail) AS detail, coalesce(told.excerpt, asked.excerpt) AS excerpt
            FROM (FROM numbered WHERE object = 0 {skipped}) AS told
            FULL JOIN (FROM numbered WHERE object = 1 AND (nth > {first} OR reason IS NOT NULL)) AS asked
                ON told.nth = asked.nth - {first}
        """

    def _query(self, number: int, one: TransformFile) -> str:
        """Return the SQL from pairs of lines to records."""
        ours, other = ("request", "response") if self._parts == "request" else ("response", "request")
        return f"""
            WITH paired AS ({self._pairs()}), split AS ({self._values()})
            SELECT {number} AS object, nth AS record, coalesce(id, {text(one.stored.key)} || '#' || nth) AS event_id,
                id AS inference_id, {self._moment(one)} AS inference_time,
                titles || {ours}_text AS {ours}, {_kind(f"{ours}_text")} AS {ours}_kind,
                coalesce({other}_text, asked) AS {other},
                {_kind(f"coalesce({other}_text, asked)")} AS {other}_kind,
                CASE WHEN reason IS NOT NULL THEN reason
                     WHEN contains(concat_ws('', line, asked), chr(0)) THEN '{Reason.NUL_CHARACTER}'
                     WHEN is_json AND NOT json_valid(line) THEN '{Reason.NOT_JSON}'
                     WHEN NOT is_json AND given IS NULL THEN '{Reason.NOT_CSV}'
                     WHEN too_few THEN '{Reason.VALUE_COUNT}'
                     WHEN line IS NOT NULL AND {self._moment(one)} IS NULL THEN '{Reason.NO_TIME}' END AS reason,
                CASE WHEN reason IS NOT NULL THEN detail
                     WHEN contains(concat_ws('', line, asked), chr(0)) THEN 'a NUL character stands in the line'
                     WHEN is_json AND NOT json_valid(line) THEN 'the line is not whole JSON'
                     WHEN NOT is_json AND given IS NULL THEN 'a quoted value of the line does not end'
                     WHEN too_few THEN 'expected an answer, an id and a time, but received ' || len(given) || ' values'
                     ELSE 'expected a time such as 2013-02-09T10:00:00Z at the end of the line, '
                       || 'or as SageMakerInferenceTime' END AS detail,
                coalesce(excerpt, line, asked) AS excerpt
            FROM split
        """

    def _values(self) -> str:
        """Return SQL that takes a line apart: input where joined, answer, id and time where generated."""
        timed = self._capture.inference_columns and self._parts != "request"
        rest = "given[1:len(given) - 2]" if timed else "given"
        asked = f"({rest})[1:len({rest}) - {self._answers}]" if self._capture.joined else "NULL"
        told = f"({rest})[len({rest}) - {self._answers} + 1:]" if self._capture.joined else rest
        identity = (
            f"CASE WHEN is_json THEN {_field('SageMakerInferenceId')} ELSE trim(given[-2]) END"
            if timed
            else "NULL"
        )
        ours, other = ("request", "response") if self._parts == "request" else ("response", "request")
        whole = _field("SageMakerOutput") if self._capture.joined else "line"
        joined = f"coalesce({_field('SageMakerInput')}, line)" if self._capture.joined else "NULL"
        return f"""
            SELECT *, {identity} AS id,
                CASE WHEN is_json THEN {_field("SageMakerInferenceTime")} ELSE trim(given[-1]) END AS moment,
                coalesce(NOT is_json AND {"len(given) < 3" if timed else "false"}, false) AS too_few,
                CASE WHEN is_json THEN {whole} ELSE {_csv(told)} END AS {ours}_text,
                CASE WHEN is_json THEN {joined} ELSE {_csv(asked)} END AS {other}_text
            FROM (
                SELECT *, {_kind("line")} = 'json' AS is_json, CASE WHEN contains(line, '"')
                    THEN csv_rows(line)[1] ELSE string_split(line, ',') END AS given
                FROM paired
            )
        """

    def _moment(self, one: TransformFile) -> str:
        """Return SQL for a record's time: its own, or its manifest's hour where it carries none."""
        timed = self._capture.inference_columns and self._parts != "request"
        start = f"TIMESTAMPTZ {text(one.start.isoformat())}"
        return (
            f"CASE WHEN line IS NULL THEN {start} ELSE TRY_CAST(moment AS TIMESTAMPTZ) END"
            if timed
            else start
        )


def _input_of(manifest: Manifest, number: int, place: int, inputs: list[Manifest]) -> str | None:
    """Return the key of an output's input, None where nothing names one.

    That is the file of its name without ``.out``, first in the manifest at the same place among its hour's;
    where no name fits, the file at the same place in that manifest, if both name equally many.
    """
    name = manifest.names[number].removesuffix(".out")
    beside = inputs[place : place + 1]
    for one in [*beside, *inputs]:
        if name in one.names:
            return one.keys[one.names.index(name)]
    if beside and len(beside[0].keys) == len(manifest.keys):
        return beside[0].keys[number]
    return None


def _kind(line: str) -> str:
    """Return SQL for the kind of a line: JSON by its first character."""
    return f"CASE WHEN {line} IS NOT NULL THEN if(ltrim({line})[1] IN ('{{', '['), 'json', 'csv') END"


def _field(name: str) -> str:
    """Return SQL for a key of a JSON line, NULL where the line is none."""
    return f"CASE WHEN is_json AND json_valid(line) THEN json_extract_string(line, {text('$.' + name)}) END"


def _csv(values: str) -> str:
    """Return SQL for values as a line of CSV."""
    if values == "NULL":
        return "NULL"
    quoted = """'"' || replace(one, '"', '""') || '"'"""
    escaped = f"""CASE WHEN regexp_matches(one, '[",\\r\\n]') THEN {quoted} ELSE one END"""
    return f"array_to_string(list_transform({values}, lambda one: {escaped}), ',')"
