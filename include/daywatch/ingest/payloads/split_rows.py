"""Payloads of records (CSV, JSON and JSON Lines) split into rows of text, in SQL."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from daywatch.engine.budget import LONGEST_CSV_VALUE
from daywatch.engine.duck import text
from daywatch.ingest.payloads.positions import (
    ValuePosition,
    answer_positions,
    by_header,
    by_path,
    by_position,
    feature_positions,
)
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    import duckdb

    from daywatch.config.model.model import MonitoredModel

ABOUT = (
    "object, record, event_id, inference_id, inference_time, status, latency_ms, request_bytes, "
    "response_bytes, model_version, variant, sampling_percent, attributes, is_answered, record_reason, "
    "record_detail, excerpt"
)
"""Columns of a record other than its payloads."""


def holds_nul(document: str) -> str:
    """Return SQL that is true where a JSON text contains the escape of a NUL character."""
    escape = "chr(92) || 'u0000'"
    unescaped = f"contains(replace({document}, repeat(chr(92), 2), ''), {escape})"
    return f"(CASE WHEN contains({document}, {escape}) THEN {unescaped} ELSE false END)"


def provide_csv_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL function ``csv_rows``, which splits CSV with quoted values, unless the database has it already."""
    csv.field_size_limit(LONGEST_CSV_VALUE)
    known = connection.execute("SELECT count(*) FROM duckdb_functions() WHERE function_name = 'csv_rows'")
    if known.fetchall() == [(0,)]:
        connection.create_function("csv_rows", _csv_rows, ["VARCHAR"], "VARCHAR[][]")


def payload_steps(model: MonitoredModel) -> str:
    """Return SQL from ``window_records`` to ``payloads``, as common table expressions that need ``csv_rows``.

    ``window_records`` has the columns ``ABOUT`` and the payloads, NULL for a record that is not to be split.
    ``payloads`` has one row per inference, its values as lists of text. A payload that cannot be split has one
    row with the reason in ``problem`` and the sentence in ``problem_detail``.

    Args:
        model: The model's configuration: payload layout, positions of features and answers.
    """
    layout, classes = model.capture.payload, len(model.output.classes)
    captured = [name for name in ("request", "response") if layout.parts in ("both", name)]
    requests = _Payload("request", feature_positions(model), layout.request_rows, 0, header=layout.header)
    responses = _Payload("response", answer_positions(model), layout.response_rows, classes)
    taken = [one for one in (requests, responses) if one.column in captured]
    problems = [rule for one in taken for rule in one.problems()]
    befores = ["parsed", *(f"{one.column}_split" for one in taken)]
    steps = [step for one, before in zip(taken, befores, strict=False) for step in one.steps(before)]
    # If only one part was captured, the values of the other are missing in every row.
    other = {"request": responses, "response": requests}
    lists = {one.column: f"{one.column}_rows" for one in taken}
    for column in captured if len(captured) == 1 else []:
        absent = other[column]
        empty = f"['' FOR n IN range({len(absent.wanted)})]"
        lists[absent.column] = f"list_transform({column}_rows, lambda one: {empty})"
    return f"""
        -- One row per record; each payload as rows of CSV, or as JSON documents.
        parsed AS (
            SELECT *, {", ".join(one.parsed() for one in taken)} FROM window_records
        ),
        -- One row per record, in each of these; each payload as rows of the wanted values.
        {", ".join(steps)},
        -- One row per record; why its payloads cannot be split, if they cannot.
        split AS (
            SELECT {ABOUT}, {_trimmed("request", lists)} AS requests, {_trimmed("response", lists)} AS responses,
                {first_reason(problems)} AS problem,
                CASE WHEN problem IS NOT NULL THEN {first_detail(problems)} END AS problem_detail
            FROM {taken[-1].column}_split
        ),
        -- One row per inference: the nth of the request's rows with the nth of the response's.
        payloads AS (
            SELECT {ABOUT}, problem, problem_detail, len(requests) AS request_rows, len(responses) AS response_rows,
                unnest(range(1, greatest(coalesce(len(requests), 0), coalesce(len(responses), 0), 1) + 1))
                    AS row_in_record,
                unnest(requests) AS request, unnest(responses) AS response
            FROM split
        )
    """


def _trimmed(column: str, lists: dict[str, str]) -> str:
    """Return SQL for rows of values without surrounding spaces; most payloads have none, which is cheap to see."""
    values = "list_transform(one, lambda value: trim(value))"
    spaced = f"list_transform({lists[column]}, lambda one: {values})"
    return f"CASE WHEN contains({column}, ' ') THEN {spaced} ELSE {lists[column]} END"


class _Payload:
    """SQL that splits one side of a record."""

    def __init__(
        self,
        column: str,
        wanted: list[ValuePosition],
        rows_path: str | None,
        classes: int,
        *,
        header: bool = False,
    ) -> None:
        self.column, self.wanted, self.header = column, wanted, header
        self._rows_path, self._classes = rows_path, classes

    def parsed(self) -> str:
        """Return SQL for the payload as rows of CSV, or as JSON documents."""
        one = self.column
        plain = f"string_split(rtrim(replace({one}, chr(13), ''), chr(10)), chr(10))"
        simple = f"list_transform({plain}, lambda one: string_split(one, ','))"
        lines = f"list_filter(string_split({one}, chr(10)), lambda one: trim(one, ' ' || chr(9) || chr(13)) <> '')"
        rows = (
            f"json_extract({one}, {text(self._rows_path + '[*]')})::VARCHAR[]"
            if self._rows_path
            else f"[{one}]"
        )
        whole = f"list_bool_and(list_transform({lines}, lambda one: json_valid(one)))"
        return f"""
            CASE WHEN {one}_kind = 'csv' THEN
                CASE WHEN contains({one}, '"') THEN csv_rows({one})
                     WHEN contains({one}, chr(10)) OR contains({one}, chr(13)) THEN {simple}
                     ELSE [string_split({one}, ',')] END END AS {one}_csv,
            CASE WHEN {one}_kind = 'json' AND json_valid({one}) THEN {rows}
                 WHEN {one}_kind = 'jsonl' AND {whole} THEN {lines} END AS {one}_documents
        """

    def steps(self, before: str) -> list[str]:
        """Return common table expressions that pick the wanted values, the last of them ``<column>_split``.

        Args:
            before: Name of the expression that they follow.
        """
        header = f"list_transform({self.column}_csv[1], lambda one: trim(one, ' ' || chr(65279)))"
        documents = f"list_transform({self.column}_documents, lambda one: {self._of_document('one')})"
        picked = by_position("one", self.wanted, self._classes)
        csv_picked = (
            f"{self.column}_csv"
            if picked == "one"
            else f"list_transform({self.column}_csv, lambda one: {picked})"
        )
        if not self.header:
            return [
                f"{self.column}_split AS (SELECT *, CASE WHEN {self.column}_kind = 'csv' THEN {csv_picked} "
                f"ELSE {documents} END AS {self.column}_rows FROM {before})"
            ]
        named = "len(one) = len(header) AND NOT list_contains(list_transform(positions, lambda n: n IS NULL), true)"
        picked = f"CASE WHEN {named} THEN list_transform(positions, lambda n: one[n]) END"
        return [
            f"{self.column}_titled AS (SELECT *, {header} AS header FROM {before})",
            f"{self.column}_located AS (SELECT *, {by_header(self.wanted, 'header')} AS positions "
            f"FROM {self.column}_titled)",
            f"{self.column}_split AS (SELECT * EXCLUDE (header, positions), CASE WHEN {self.column}_kind = 'csv' "
            f"THEN list_transform({self.column}_csv[2:], lambda one: {picked}) "
            f"ELSE {documents} END AS {self.column}_rows FROM {self.column}_located)",
        ]

    def problems(self) -> list[Rule]:
        """Return what can be wrong with the payload as a whole."""
        one = self.column
        where = f" at {self._rows_path}" if self._rows_path else ""
        missing = Reason.NO_INPUT if one == "request" else Reason.NO_PREDICTION
        return [
            Rule(f"{one} IS NULL", missing, f"'the record holds no {one}'"),
            Rule(
                f"{one}_kind = 'csv' AND len({one}_csv) = 0",
                Reason.NOT_CSV,
                f"'the {one} is not whole CSV: a quoted value does not end as it should'",
            ),
            Rule(
                f"{one}_kind = 'csv' AND len({one}_rows) = 0",
                Reason.NOT_CSV,
                f"'the {one} has a header, but no rows'",
            ),
            Rule(
                f"{one}_kind <> 'csv' AND {one}_documents IS NULL",
                Reason.NOT_PAYLOAD_JSON,
                f"'the {one} is not whole JSON'",
            ),
            Rule(
                f"CASE WHEN {one}_kind <> 'csv' THEN {holds_nul(one)} END",
                Reason.NUL_CHARACTER,
                f"'the {one} contains a NUL character, which no database stores'",
            ),
            Rule(
                f"len({one}_rows) = 0",
                Reason.NOT_PAYLOAD_JSON,
                text(f"the {one} holds no rows{where}"),
            ),
        ]

    def _of_document(self, document: str) -> str:
        """Return SQL for the wanted values of a JSON document: by name in an object, by position in a list."""
        named = by_path(document, self.wanted)
        if any(isinstance(at, str) for _, at in self.wanted):
            return named
        listed = by_position(f"json_extract_string({document}, '$[*]')", self.wanted, self._classes)
        alone = by_position(f"[json_extract_string({document}, '$')]", self.wanted, self._classes)
        return f"CASE json_type({document}) WHEN 'OBJECT' THEN {named} WHEN 'ARRAY' THEN {listed} ELSE {alone} END"


def _csv_rows(payload: str) -> list[list[str]]:
    """Split a CSV payload with quoted values; return no rows if a quotation does not end."""
    lines = io.StringIO(payload.replace("\r", ""), newline="\n")
    try:
        return [row for row in csv.reader(lines, strict=True) if row]
    except csv.Error:
        return []
