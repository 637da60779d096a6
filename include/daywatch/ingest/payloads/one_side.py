"""One side of a record, its request or its response, split into rows of text, in SQL."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from daywatch.engine.budget import LISTED_NAMES, LONGEST_CSV_VALUE
from daywatch.engine.duck import text
from daywatch.ingest.payloads.positions import (
    VECTOR,
    ValuePosition,
    by_header,
    by_path,
    by_position,
    columns_as_rows,
    first_key,
    rows_of_tensor,
    types_by_path,
)
from daywatch.ingest.reading.quarantine import Reason, Rule

if TYPE_CHECKING:
    import duckdb


def holds_nul(document: str) -> str:
    """Return SQL that is true where a JSON text contains the escape of a NUL character."""
    escape = "chr(92) || 'u0000'"
    unescaped = f"contains(replace({document}, repeat(chr(92), 2), ''), {escape})"
    return f"(CASE WHEN contains({document}, {escape}) THEN {unescaped} ELSE false END)"


def provide_csv_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the SQL function ``csv_rows``, which splits CSV with quoted values, unless the database has it already."""
    import duckdb

    csv.field_size_limit(LONGEST_CSV_VALUE)
    # To ask which functions there are would take longer. A connection knows its own, a cursor asks the catalog.
    with suppress(duckdb.NotImplementedException, duckdb.CatalogException):
        connection.create_function("csv_rows", _csv_rows, ["VARCHAR"], "VARCHAR[][]")


class Side:
    """SQL that splits one side of a record.

    Attributes:
        column: ``request`` or ``response``: the column of the payload's text.
        wanted: The wanted values of a row.
        header: Whether CSV begins with a row of names.
    """

    def __init__(
        self,
        column: str,
        wanted: list[ValuePosition],
        rows_path: str | None,
        classes: int,
        *,
        header: bool = False,
    ) -> None:
        """Prepare to split.

        Args:
            column: ``request`` or ``response``.
            wanted: The wanted values of a row.
            rows_path: JSON path of the list of rows, None where a document is one row.
            classes: Number of values in a vector of probabilities.
            header: Whether CSV begins with a row of names.
        """
        self.column, self.wanted, self.header = column, wanted, header
        self._rows_path, self._classes = rows_path, classes

    def parsed(self) -> str:
        """Return SQL for the payload as rows of CSV, or as JSON documents, NULL for a line that is not JSON."""
        one = self.column
        plain = f"string_split(rtrim(replace({one}, chr(13), ''), chr(10)), chr(10))"
        simple = f"list_transform({plain}, lambda one: string_split(one, ','))"
        lines = f"list_filter(string_split({one}, chr(10)), lambda one: trim(one, ' ' || chr(9) || chr(13)) <> '')"
        documents = f"list_transform({lines}, lambda one: CASE WHEN json_valid(one) THEN one END)"
        return f"""
            CASE WHEN {one}_kind = 'csv' THEN
                CASE WHEN contains({one}, '"') THEN csv_rows({one})
                     WHEN contains({one}, chr(10)) OR contains({one}, chr(13)) THEN {simple}
                     ELSE [string_split({one}, ',')] END END AS {one}_csv,
            CASE WHEN {one}_kind = 'json' AND json_valid({one}) THEN {self._rows_of_document(one)}
                 WHEN {one}_kind = 'jsonl' THEN {documents} END AS {one}_documents
        """

    def _rows_of_document(self, document: str) -> str:
        """Return SQL for the rows of a JSON document; an object of columns at the path of the rows is one."""
        if not self._rows_path:
            return f"[{document}]"
        listed = f"json_extract({document}, {text(self._rows_path + '[*]')})::VARCHAR[]"
        there = f"json_type({document}, {text(self._rows_path)}) = 'OBJECT'"
        whole = f"[json_extract({document}, {text(self._rows_path)})::VARCHAR]"
        rows = rows_of_tensor(document, self._rows_path)
        tensor = f"CASE WHEN {self._is_tensor(document)} THEN {rows} ELSE {whole} END"
        return f"CASE WHEN len({listed}) = 0 AND {there} THEN {tensor} ELSE {listed} END"

    def _is_tensor(self, document: str) -> str:
        """Return SQL that is true where a tensor with a shape is at the path of the rows."""
        shape, data = (text(f"{self._rows_path}.{name}") for name in ("shape", "data"))
        return f"(json_type({document}, {shape}) = 'ARRAY' AND json_type({document}, {data}) = 'ARRAY')"

    def steps(self, before: str) -> list[str]:
        """Return common table expressions that pick the wanted values, the last of them ``<column>_split``.

        Args:
            before: Name of the expression that they follow.
        """
        one = self.column
        documents = f"list_transform({one}_documents, lambda one: {self._of_document('one')})"
        located: list[str] = []
        extra = f"CASE WHEN {one}_kind <> 'csv' THEN {self._extra_keys()} END"
        if self.header:
            header = f"list_transform({one}_csv[1], lambda one: trim(one, ' ' || chr(65279)))"
            located = [
                f"{one}_titled AS (SELECT *, CASE WHEN {one}_kind = 'csv' THEN {header} END AS header FROM {before})",
                f"{one}_located AS (SELECT *, {by_header(self.wanted, 'header')} AS positions FROM {one}_titled)",
            ]
            before = f"{one}_located"
            placed = [f"header[{at + 1}]" for _, at in self.wanted if isinstance(at, int)]
            titles = self._not_wanted("header", placed)
            extra = f"CASE WHEN {one}_kind = 'csv' THEN {titles} ELSE {self._extra_keys()} END"
            picked = "CASE WHEN len(one) = len(header) THEN list_transform(positions, lambda n: one[n]) END"
            rows = f"list_transform({one}_csv[2:], lambda one: {picked})"
        else:
            picked = by_position("one", self.wanted, self._classes)
            rows = f"{one}_csv" if picked == "one" else f"list_transform({one}_csv, lambda one: {picked})"
        named = f" REPLACE ({extra} AS extra_names)" if one == "request" else ""
        return [
            *located,
            f"{one}_picked AS (SELECT *{named}, CASE WHEN {one}_kind = 'csv' THEN {rows} ELSE {documents} END "
            f"AS {one}_rows FROM {before})",
            f"{one}_split AS (SELECT * REPLACE ({self._columns_as_rows()} AS {one}_rows) FROM {one}_picked)",
        ]

    def _extra_keys(self) -> str:
        """Return SQL for the keys of JSON documents that are not wanted, NULL where no document has keys."""
        keys = f"list_transform({self.column}_documents, lambda one: json_keys(one))"
        extra = self._not_wanted(f"flatten({keys})")
        return f"CASE WHEN list_sum(list_transform({keys}, lambda one: len(one))) > 0 THEN {extra} END"

    def _not_wanted(self, names: str, others: Sequence[str] = ()) -> str:
        """Return SQL for the names of a list that no wanted value has, each once and in order."""
        known = [name if at is None else first_key(at) for name, at in self.wanted if not isinstance(at, int)]
        listed = ", ".join([*(text(one) for one in dict.fromkeys(known) if one is not None), *others])
        found = f"list_filter({names}, lambda one: one NOT IN ({listed}))" if listed else names
        return f"list_sort(list_distinct({found}))[:{LISTED_NAMES}]"

    def holds_nul(self) -> str:
        """Return SQL that is true where a value of the payload may contain a NUL character."""
        one = self.column
        return f"CASE WHEN {one}_kind = 'csv' THEN contains({one}, chr(0)) ELSE {holds_nul(one)} END"

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
            *self._header_problems(),
            Rule(
                f"{one}_kind = 'csv' AND len({one}_rows) = 0",
                Reason.NOT_CSV,
                f"'the {one} has a header, but no rows'",
            ),
            Rule(
                f"{one}_kind <> 'csv' AND ({one}_documents IS NULL OR "
                f"{one}_kind = 'jsonl' AND list_count({one}_documents) = 0)",
                Reason.NOT_PAYLOAD_JSON,
                f"'the {one} is not whole JSON'",
            ),
            Rule(
                f"{one}_kind <> 'csv' AND {one}_rows IS NULL",
                Reason.ROWS_DIFFER,
                f"'the lists in the {one} have different lengths'",
            ),
            *self._tensor_problems(),
            Rule(
                f"len({one}_rows) = 0",
                Reason.NOT_PAYLOAD_JSON,
                text(f"the {one} holds no rows{where}"),
            ),
        ]

    def _tensor_problems(self) -> list[Rule]:
        """Return the rule about a tensor whose values do not fill its shape."""
        if not self._rows_path:
            return []
        one = self.column
        applies = f"CASE WHEN {one}_kind = 'json' AND len({one}_rows) = 0 THEN {self._is_tensor(one)} ELSE false END"
        detail = text(
            f"the tensor at {self._rows_path} in the {one} has not as many values as its shape says"
        )
        return [Rule(applies, Reason.ROWS_DIFFER, detail)]

    def _header_problems(self) -> list[Rule]:
        """Return the rule about a header without the names of all wanted values."""
        if not self.header:
            return []
        names = ", ".join(text(name) for name, at in self.wanted if not isinstance(at, int))
        lacking = f"list_filter([{names}]::VARCHAR[], lambda name: NOT list_contains(header, name))"
        detail = (
            "'expected a header that names all features, but it lacks ' || "
            f"array_to_string(({lacking})[:5], ', ') || if(len({lacking}) > 5, ' and others', '')"
        )
        return [Rule(f"{self.column}_kind = 'csv' AND len({lacking}) > 0", Reason.VALUE_COUNT, detail)]

    def _of_document(self, document: str) -> str:
        """Return SQL for the wanted values of a JSON document: by name in an object, by position in a list."""
        named = by_path(document, self.wanted)
        if any(isinstance(at, str) for _, at in self.wanted):
            return f"CASE WHEN {document} IS NOT NULL THEN {named} END"
        listed = by_position(f"json_extract_string({document}, '$[*]')", self.wanted, self._classes)
        alone = by_position(f"[json_extract_string({document}, '$')]", self.wanted, self._classes)
        return (
            f"CASE json_type({document}) WHEN 'OBJECT' THEN {named} WHEN 'ARRAY' THEN {listed} "
            f"ELSE CASE WHEN {document} IS NOT NULL THEN {alone} END END"
        )

    def _columns_as_rows(self) -> str:
        """Return SQL for the rows, where one document holds a list for each value: the nth of each is the nth row."""
        one = self.column
        # What each value begins with is cheap to see, and hardly any document looks like columns. An expression for
        # each value would take DuckDB longer to plan than many a day takes to read.
        names = [name for name, _ in self.wanted]
        all_lists = (
            f"list_bool_and(list_transform({one}_rows[1], lambda value: coalesce(value[1] = '[', true)))"
        )
        if VECTOR in names:
            all_lists += f" AND coalesce(starts_with({one}_rows[1][{names.index(VECTOR) + 1}], '[['), true)"
        first = f"coalesce({one}_rows[1][1][1] = '[', true)"
        looks_so = f"CASE WHEN {first} THEN {all_lists} ELSE false END"
        types = types_by_path(f"{one}_documents[1]", self.wanted)
        others_than_lists = f"list_filter({types}, lambda one: one NOT IN ('ARRAY', 'NULL'))"
        lists = f"list_contains({types}, 'ARRAY') AND len({others_than_lists}) = 0"
        return (
            f"CASE WHEN {one}_kind <> 'csv' AND len({one}_documents) = 1 AND len({one}_rows) = 1 THEN "
            f"CASE WHEN {looks_so} THEN CASE WHEN {lists} THEN {columns_as_rows(f'{one}_rows[1]')} "
            f"ELSE {one}_rows END ELSE {one}_rows END ELSE {one}_rows END"
        )


def _csv_rows(payload: str) -> list[list[str]]:
    """Split a CSV payload with quoted values; return no rows if a quotation does not end.

    A blank line is a row of one empty value, as it is in a payload without quotes: it may have an answer.
    """
    lines = io.StringIO(payload.replace("\r", "").rstrip("\n"), newline="\n")
    try:
        return [row or [""] for row in csv.reader(lines, strict=True)]
    except csv.Error:
        return []
