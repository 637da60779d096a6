"""All spellings of a category become one, and what looks alike but is another stays as it is."""

from __future__ import annotations

import itertools

import duckdb
import pytest
from daywatch.config.model.columns import CategoryType
from daywatch.ingest.payloads.categories import category_type, one_spelling, only_text

SPELLINGS: dict[CategoryType, dict[str, str]] = {
    CategoryType.INTEGER: {
        "1": "1",
        "1.0": "1",
        "1.00": "1",
        "1e0": "1",
        "2.5e3": "2500",
        "-1.0": "-1",
        "-0": "0",
        "-0.0": "0",
        "True": "1",
        "f": "0",
        "18446744073709551615": "18446744073709551615",
        "18446744073709551615.0": "18446744073709551615",
        # These are texts in a column of whole numbers: categories of their own.
        "1.10": "1.10",
        "1.5": "1.5",
        "007": "007",
        "1e400": "1e400",
        "x": "x",
    },
    CategoryType.NUMBER: {"1.0": "1", "1.50": "1.5", "15e-1": "1.5", "1.5": "1.5", "007": "007", "x": "x"},
    CategoryType.BOOLEAN: {
        **dict.fromkeys(("true", "True", "TRUE", "t", "1", "1.0", "1e0"), "true"),
        **dict.fromkeys(("false", "False", "f", "F", "0", "0.0", "-0.0"), "false"),
        "yes": "yes",
        "2": "2",
    },
    CategoryType.TEXT: {one: one for one in ("1.0", "1.10", "True", "1e0")},
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize("kind", CategoryType)
def test_spellings_of_one_category_become_one(
    connection: duckdb.DuckDBPyConnection, kind: CategoryType
) -> None:
    expected = SPELLINGS[kind]
    assert dict(zip(expected, _spelled(connection, list(expected), kind, ()), strict=True)) == expected
    assert _spelled(connection, [None], kind, ()) == [None]


@pytest.mark.parametrize(
    ("kind", "names", "given", "expected"),
    [
        (CategoryType.BOOLEAN, ("1", "0"), ["true", "F", "1.0"], ["1", "0", "1"]),
        (CategoryType.BOOLEAN, ("no", "False"), ["true", "0"], ["True", "False"]),
        (CategoryType.BOOLEAN, ("f", "t"), ["true", "0"], ["t", "f"]),
        (CategoryType.BOOLEAN, ("T", "F"), ["true", "0"], ["T", "F"]),
        (CategoryType.INTEGER, ("1.0", "2"), ["1", "2.0", "1e0", "3.0"], ["1.0", "2", "1.0", "3"]),
        (CategoryType.TEXT, ("1",), ["1.0"], ["1.0"]),
    ],
)
def test_the_spelling_of_the_configuration_counts(
    connection: duckdb.DuckDBPyConnection,
    kind: CategoryType,
    names: tuple[str, ...],
    given: list[str],
    expected: list[str],
) -> None:
    assert _spelled(connection, given, kind, names) == expected


@pytest.mark.parametrize(
    ("values", "of_classes", "of_features"),
    [
        (["1", "2.0"], "integer", "integer"),
        (["1e0", None, "2"], "integer", "integer"),
        (["1.0", "1.5"], "number", "text"),
        (["1.0", "1.10"], "text", "text"),  # versions
        (["01", "2"], "text", "text"),  # codes
        (["true", "False", "t"], "boolean", "boolean"),
        (["true", "1", "0.0"], "boolean", "boolean"),
        (["t", "f"], "text", "text"),
        (["1", "x"], "text", "text"),
        ([None], "text", "text"),
        ([], "text", "text"),
    ],
)
def test_what_the_categories_of_a_column_are(
    connection: duckdb.DuckDBPyConnection, values: list[str | None], of_classes: str, of_features: str
) -> None:
    _fill(connection, values)
    found = [
        connection.execute(f"SELECT {category_type('v', of_classes=one)} FROM given").fetchall()
        for one in (True, False)
    ]
    assert found == [[(of_classes,)], [(of_features,)]]


def _spelled(
    connection: duckdb.DuckDBPyConnection,
    values: list[str] | list[None],
    kind: CategoryType,
    names: tuple[str, ...],
) -> list[str | None]:
    _fill(connection, values)
    return [
        row[0] for row in connection.execute(f"SELECT {one_spelling('v', kind, names)} FROM given").fetchall()
    ]


def _fill(connection: duckdb.DuckDBPyConnection, values: list[str | None] | list[str] | list[None]) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE given AS SELECT unnest($values::VARCHAR[]) AS v", {"values": values}
    )


def test_what_the_first_values_show_holds_for_all() -> None:
    """Of a column whose first values can only be text, no later value makes anything else."""
    values = [None, "", "x", "true", "T", "f", "0", "1", "1.0", "1e0", "2.5", "1.10", "NaN"]
    heads = list(itertools.product(values, repeat=2))
    rows = [(n, is_head, value) for n, (*head, _) in enumerate(itertools.product(*[values] * 3)) for is_head, value in (
        (True, head[0]), (True, head[1]), (False, values[n % len(values)]))]  # fmt: skip
    assert len(rows) == 3 * len(heads) * len(values)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (n INTEGER, is_head BOOLEAN, v VARCHAR)")
        connection.execute(
            "INSERT INTO given SELECT unnest($1), unnest($2), unnest($3)",
            list(map(list, zip(*rows, strict=True))),
        )
        for of_classes in (False, True):
            found = connection.execute(f"""
                SELECT heads.shown, whole.kind FROM
                    (SELECT n, {only_text("v", of_classes=of_classes)} AS shown FROM given WHERE is_head GROUP BY n)
                        AS heads
                    JOIN (SELECT n, {category_type("v", of_classes=of_classes)} AS kind FROM given GROUP BY n)
                        AS whole USING (n)
            """).fetchall()
            assert {kind for shown, kind in found if shown} == {CategoryType.TEXT}
            assert any(not shown for shown, _ in found)
