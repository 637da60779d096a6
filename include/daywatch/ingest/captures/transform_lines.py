"""SQL from the lines of a Batch Transform's output, each with its line of the input, to records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.capture import PayloadKind, SageMakerBatch
    from daywatch.ingest.captures.source import SourceObject


class TransformLines:
    """SQL for the records of one file. ``capture_lines`` has its lines as object 0, those of its input as object 1."""

    def __init__(self, capture: SageMakerBatch, answers: int) -> None:
        """Prepare to split lines.

        Args:
            capture: The model's capture configuration: which parts were captured, and whether they are joined.
            answers: Number of values at the end of a joined CSV line that are the answer.
        """
        self._capture = capture
        self._answers = answers
        self._parts = capture.payload.parts
        layout = capture.payload
        self._kinds = {"request": layout.request_kind, "response": layout.response_kind}

    def query(self, number: int, one: SourceObject) -> str:
        """Return the SQL from the table ``capture_lines`` to records.

        Args:
            number: The number of the object among the window's objects.
            one: The file of the output; a record without an id is named by its key, one without a time has its hour.
        """
        ours, other = ("request", "response") if self._parts == "request" else ("response", "request")
        rules = self._rules(one)
        return f"""
            WITH paired AS ({self._pairs()}), split AS ({self._values()})
            SELECT {number} AS object, nth AS record, coalesce(id, {text(one.stored.key)} || '#' || nth) AS event_id,
                id AS inference_id, {self._inference_time(one)} AS inference_time,
                titles || {ours}_text AS {ours}, {_kind(f"{ours}_text", self._kinds[ours])} AS {ours}_kind,
                coalesce({other}_text, input_line) AS {other},
                {_kind(f"coalesce({other}_text, input_line)", self._kinds[other])} AS {other}_kind,
                coalesce(reason, {first_reason(rules)}) AS reason,
                coalesce(detail, {first_detail(rules)}) AS detail,
                coalesce(excerpt, line, input_line) AS excerpt
            FROM split
        """

    def _rules(self, one: SourceObject) -> list[Rule]:
        """Return the rules about lines that cannot be read; the first one that applies counts."""
        return [
            Rule(
                "is_unpaired",
                Reason.ROWS_DIFFER,
                "'output and input have blank lines, and not as many lines: from the first blank line on, nothing "
                "says which line of the input an answer belongs to'",
            ),
            Rule(
                "contains(concat_ws('', line, input_line), chr(0))",
                Reason.NUL_CHARACTER,
                "'the line contains a NUL character, which no database stores'",
            ),
            Rule(
                "is_json AND NOT json_valid(line)",
                Reason.NOT_JSON,
                "'the line is not whole JSON'",
            ),
            Rule(
                "NOT is_json AND given IS NULL",
                Reason.NOT_CSV,
                "'a quoted value of the line does not end'",
            ),
            Rule(
                "too_few",
                Reason.VALUE_COUNT,
                "'expected an answer, an id and a time, but received ' || len(given) || ' values'",
            ),
            Rule(
                f"line IS NOT NULL AND {self._inference_time(one)} IS NULL",
                Reason.NO_TIME,
                "'expected a time such as 2013-02-09T10:00:00Z at the end of the line, "
                "or as SageMakerInferenceTime'",
            ),
        ]

    def _pairs(self) -> str:
        """Return SQL with a row for each line of an output (object 0) and its line of the input (object 1).

        Lines pair by their number in the file. If only the input has blank lines, and as many others as the output,
        its blank lines were no requests. If the files have blank lines and not as many lines otherwise, nothing says
        which lines belong together from the first blank one on (``is_unpaired``).
        """
        header = self._capture.payload.header
        first = "(SELECT first FROM extents WHERE object = 1)" if header and self._parts != "request" else "0"
        title_lines = 0 if first == "0" else 1
        named = f"(SELECT line || chr(10) FROM capture_lines WHERE object = 1 AND record = {first}) || "
        titles, rows = "''", "true"
        if header and self._parts == "request":
            own = "(SELECT first FROM extents WHERE object = 0)"
            titles = f"(SELECT line || chr(10) FROM capture_lines WHERE object = 0 AND record = {own})"
            rows = f"record > {own}"
        return f"""
            WITH counted AS (
                SELECT object, record, row_number() OVER (PARTITION BY object ORDER BY record) AS nth
                FROM capture_lines
            ), extents AS (
                SELECT object, min(record) AS first, max(record) AS last, count(*) AS lines,
                    min(record) FILTER (record > nth) AS after_blank
                FROM counted GROUP BY object
            ), blank_requests AS (
                SELECT max(lines) FILTER (object = 0) = max(last) FILTER (object = 0)
                    AND max(lines) FILTER (object = 0) = max(lines) FILTER (object = 1) - {title_lines} AS applies
                FROM extents
            ), doubt AS (
                SELECT least(min(after_blank) FILTER (object = 0), min(after_blank) FILTER (object = 1) - {first})
                    AS from_record
                FROM extents
                HAVING count(*) = 2 AND NOT (SELECT applies FROM blank_requests)
                    AND max(last) FILTER (object = 0) <> max(last) FILTER (object = 1) - {first}
            )
            SELECT nth, {titles} AS titles, output.line, {named if first != "0" else ""}input.line AS input_line,
                coalesce(output.reason, input.reason) AS reason, coalesce(output.detail, input.detail) AS detail,
                coalesce(output.excerpt, input.excerpt) AS excerpt,
                coalesce(nth >= (SELECT from_record FROM doubt), false) AS is_unpaired
            FROM (SELECT *, record AS nth FROM capture_lines WHERE object = 0 AND {rows}) AS output
            FULL JOIN (
                SELECT lines.*,
                    CASE WHEN (SELECT applies FROM blank_requests) THEN counted.nth - {title_lines}
                        ELSE record - {first} END AS nth
                FROM capture_lines AS lines JOIN counted USING (object, record)
                WHERE object = 1 AND (record > {first} OR reason IS NOT NULL)
            ) AS input USING (nth)
        """

    def _values(self) -> str:
        """Return SQL that splits a line: its input if joined, its answer, its id and time if generated."""
        timed = self._capture.inference_columns and self._parts != "request"
        rest = "given[1:len(given) - 2]" if timed else "given"
        request = f"({rest})[1:len({rest}) - {self._answers}]" if self._capture.joined else "NULL"
        answer = f"({rest})[len({rest}) - {self._answers} + 1:]" if self._capture.joined else rest
        identity = (
            f"CASE WHEN is_json THEN {_field('SageMakerInferenceId')} ELSE trim(given[-2]) END"
            if timed
            else "NULL"
        )
        ours, other = ("request", "response") if self._parts == "request" else ("response", "request")
        is_json = "false" if self._kinds[ours] == "csv" else f"{_kind('line')} = 'json'"
        whole = _field("SageMakerOutput") if self._capture.joined else "line"
        joined = f"coalesce({_field('SageMakerInput')}, line)" if self._capture.joined else "NULL"
        return f"""
            SELECT *, {identity} AS id,
                CASE WHEN is_json THEN {_field("SageMakerInferenceTime")} ELSE trim(given[-1]) END AS time_text,
                coalesce(NOT is_json AND {"len(given) < 3" if timed else "false"}, false) AS too_few,
                CASE WHEN is_json THEN {whole} ELSE {_csv(answer)} END AS {ours}_text,
                CASE WHEN is_json THEN {joined} ELSE {_csv(request)} END AS {other}_text
            FROM (
                SELECT *, {is_json} AS is_json, CASE WHEN contains(line, '"')
                    THEN csv_rows(line)[1] ELSE string_split(line, ',') END AS given
                FROM paired
            )
        """

    def _inference_time(self, one: SourceObject) -> str:
        """Return SQL for the time of a record: its own, or the hour of its manifest if it has none."""
        timed = self._capture.inference_columns and self._parts != "request"
        start = f"TIMESTAMPTZ {text(one.start.isoformat())}"
        return (
            f"CASE WHEN line IS NULL THEN {start} ELSE TRY_CAST(time_text AS TIMESTAMPTZ) END"
            if timed
            else start
        )


def _kind(line: str, configured: PayloadKind | None = None) -> str:
    """Return SQL for the kind of a line: as configured, else JSON by its first character, else CSV."""
    kind = text(configured) if configured else f"if(ltrim({line})[1] IN ('{{', '['), 'json', 'csv')"
    return f"CASE WHEN {line} IS NOT NULL THEN {kind} END"


def _field(name: str) -> str:
    """Return SQL for the value of a key in a JSON line, NULL if the line is not JSON."""
    return f"CASE WHEN is_json AND json_valid(line) THEN json_extract_string(line, {text('$.' + name)}) END"


def _csv(values: str) -> str:
    """Return SQL for values as a line of CSV."""
    if values == "NULL":
        return "NULL"
    quoted = """'"' || replace(one, '"', '""') || '"'"""
    escaped = f"""CASE WHEN regexp_matches(one, '[",\\r\\n]') THEN {quoted} ELSE one END"""
    return f"array_to_string(list_transform({values}, lambda one: {escaped}), ',')"
