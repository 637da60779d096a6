"""DuckDB with bounds, and what is quoted for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from daywatch.engine.duck import MEMORY_LIMIT, duckdb_in, identifier, text


@pytest.mark.parametrize("name", ["a", 'quo"te', "semi; DROP TABLE x", "'", "ünï", "%s", ":x", "select", " "])
def test_any_name_and_any_text(tmp_path: Path, name: str) -> None:
    with duckdb_in(tmp_path) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT {text(name)} AS {identifier(name)}")
        relation = connection.table("t")
        assert (relation.columns, relation.fetchall()) == ([name], [(name,)])


def test_its_settings(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    with duckdb_in(folder) as connection:
        found = dict(connection.execute("SELECT name, value FROM duckdb_settings()").fetchall())

    assert found["TimeZone"] == "UTC"
    assert found["temp_directory"] == str(folder / "spill")
    assert MEMORY_LIMIT == "1GB"
    assert found["memory_limit"].startswith("953.")  # MiB
    assert found["autoinstall_known_extensions"] == "false"


def test_it_spills_instead_of_growing(tmp_path: Path) -> None:
    with duckdb_in(tmp_path) as connection:
        connection.execute("SET memory_limit = '60MB'")
        connection.execute(
            "CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS m FROM range(3_000_000)"
        )
        assert connection.execute("SELECT count(DISTINCT n) FROM t").fetchone() == (3_000_000,)


def test_it_is_closed_also_after_an_error(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(ZeroDivisionError), duckdb_in(tmp_path) as connection:
        _ = 1 / 0

    with pytest.raises(duckdb.ConnectionException, match="closed"):
        connection.execute("SELECT 1")
