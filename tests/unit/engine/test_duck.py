"""DuckDB with bounds, and what is quoted for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from daywatch.engine.duck import duckdb_in, identifier, seal, text
from daywatch.engine.settings import EngineSettings, scratch_folder


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
    assert found["autoinstall_known_extensions"] == "false"


def test_it_takes_what_the_settings_say_within_their_block_only(tmp_path: Path) -> None:
    def taken(folder: Path) -> tuple[str, str]:
        with duckdb_in(folder) as connection:
            row = connection.execute("SELECT current_setting('memory_limit'), current_setting('threads')")
            memory, threads = row.fetchall()[0]
        return memory, str(threads)

    before = taken(tmp_path)
    with scratch_folder(EngineSettings(memory=200 << 20, threads=3, folder=tmp_path / "made")) as outer:
        assert outer.parent == tmp_path / "made"
        assert taken(outer) == ("200.0 MiB", "3")
        with scratch_folder(EngineSettings(memory=100 << 20, threads=1)) as inner:
            assert taken(inner) == ("100.0 MiB", "1")
        assert taken(outer) == ("200.0 MiB", "3")
        (outer / "left").write_text("")
    assert taken(tmp_path) == before
    assert list((tmp_path / "made").iterdir()) == []


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


def test_a_sealed_connection_reads_its_files_and_spills(tmp_path: Path) -> None:
    import duckdb

    own, other = tmp_path / "it's own.parquet", tmp_path / "other.parquet"
    with duckdb_in(tmp_path, megabytes=100) as connection:
        for file in (own, other):
            connection.execute(
                f"COPY (SELECT md5(range::VARCHAR) AS m FROM range(2_000_000)) TO {text(str(file))}"
            )
        connection.execute(f"CREATE VIEW own AS FROM read_parquet({text(str(own))})")
        seal(connection.execute, [own])

        assert connection.execute("SELECT count(*) FROM (FROM own GROUP BY m)").fetchall() == [(2_000_000,)]
        for statement in (
            f"FROM {text(str(other))}",
            f"COPY own TO {text(str(tmp_path / 'new.csv'))}",
            f"ATTACH {text(str(tmp_path / 'new.db'))}",
            "SET lock_configuration = false",
            "INSTALL httpfs",
        ):
            with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
                connection.execute(statement)
