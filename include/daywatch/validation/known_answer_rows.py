"""The rows of a window that match known answers, found for all cases in one join."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier
from daywatch.validation.known_answers import Case, Matches

if TYPE_CHECKING:
    from sqlalchemy import Connection


class KnownAnswerRows:
    """The rows of a window that match cases, found for all cases together."""

    def __init__(self, connection: Connection, cases: Iterable[Case]) -> None:
        """Find the rows.

        Args:
            connection: Connection to the database that has the view ``inferences``.
            cases: All cases that ``of`` will be called with.
        """
        self._found: dict[str, Matches | Exception] = {}
        described = connection.exec_driver_sql("DESCRIBE inferences").fetchall()
        self._types: dict[str, str] = {row[0]: row[1] for row in described}
        groups: dict[tuple[str, ...], list[Case]] = {}
        for case in cases:
            shape = (*sorted(case.features), "/", *sorted(case.expected))
            groups.setdefault(shape, []).append(case)
        for number, shape in enumerate(sorted(groups)):
            self._find(connection, f"known_answers_{number}", groups[shape])

    def of(self, case: Case) -> Matches:
        """Return the rows of a case.

        Raises:
            LookupError: The rows have no such column, or its type does not hold the value of the case.
        """
        found = self._found[case.key]
        if isinstance(found, Exception):
            raise found
        return found

    def _find(self, connection: Connection, table: str, cases: list[Case]) -> None:
        """Find the rows of cases that give the same features and expect the same answers."""
        import sqlalchemy as sa

        features, answers = sorted(cases[0].features), sorted(cases[0].expected)
        missing = [name for name in (*features, *answers) if name not in self._types]
        if missing:
            names = ", ".join(json.dumps(name, ensure_ascii=False) for name in missing)
            self._found |= {case.key: LookupError(f"The rows have no column {names}.") for case in cases}
            return
        columns = [f"given_{n} {self._types[name]}" for n, name in enumerate(features)]
        columns += [f"expected_{n} {self._types[name]}" for n, name in enumerate(answers)]
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE {table} (place INTEGER, tolerance DOUBLE, {', '.join(columns)})"
        )
        marks = ", ".join("?" * (2 + len(columns)))
        for place, case in enumerate(cases):
            values = (*(case.features[name] for name in features), *(case.expected[name] for name in answers))
            try:
                row = (place, case.tolerance, *values)
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", row)
            except sa.exc.DBAPIError as error:  # a value that the column's type has no place for
                self._found[case.key] = LookupError(f"{error.orig}".splitlines()[0])
        whole = [
            n for n, name in enumerate(features) if all(case.features[name] is not None for case in cases)
        ]
        rows = connection.exec_driver_sql(self._query(table, features, answers, whole)).fetchall()
        matches = {row[0]: Matches(*row[1:]) for row in rows}
        for place, case in enumerate(cases):
            self._found.setdefault(case.key, matches.get(place, Matches()))

    def _query(self, table: str, features: list[str], answers: list[str], whole: list[int]) -> str:
        """Return SQL for rows, changed rows and the farthest of them, by place.

        Columns that are ``whole``, without a missing value in any case, filter the rows before the join, which
        would otherwise hash every column of every row.
        """
        near = [f"{identifier(features[n])} IN (SELECT given_{n} FROM {table})" for n in whole]
        same = " AND ".join(
            f"inferences.{identifier(name)} IS NOT DISTINCT FROM known.given_{n}"
            for n, name in enumerate(features)
        )
        off = {name: self._off(name, f"known.expected_{n}") for n, name in enumerate(answers)}
        wrong = " OR ".join(f"NOT coalesce({distance} <= tolerance, false)" for distance in off.values())
        parts = [f"off_{n} := {distance}" for n, distance in enumerate(off.values())]
        parts += [f"{identifier(name)} := inferences.{identifier(name)}" for name in answers]
        return f"""
            SELECT place, count(*), count(*) FILTER (wrong), max(answer) FILTER (wrong)
            FROM (
                SELECT place, {wrong} AS wrong, struct_pack({", ".join(parts)}) AS answer
                FROM (FROM inferences WHERE {" AND ".join(near) or "true"}) AS inferences
                JOIN {table} AS known ON {same}
            )
            GROUP BY place
        """

    def _off(self, name: str, expected: str) -> str:
        """Return SQL for how far an answer is off: a difference of numbers, 0 or 1 for classes."""
        value, kind = f"inferences.{identifier(name)}", self._types[name]
        if kind == "DOUBLE":
            return f"abs({value} - {expected})"
        if kind == "DOUBLE[]":
            distances = f"[abs(pair[1] - pair[2]) FOR pair IN list_zip({value}, {expected})]"
            return f"CASE WHEN len({value}) = len({expected}) THEN list_max({distances}) END"
        return f"({value} IS DISTINCT FROM {expected})::DOUBLE"
