"""Profiles stored and read back, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from daywatch.profiles.profile import Profile, profile_rows
from daywatch.warehouse.database import transaction
from daywatch.warehouse.profiles import newest_revisions, profiles_of
from daywatch.warehouse.record import record_window
from daywatch.warehouse.result_tables import column_profile
from daywatch.warehouse.window_results import WindowResults
from models import model

SUNDAY, MONDAY = date(2024, 3, 3), date(2024, 3, 4)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile of numbers at the ends of what there is, and of captured texts."""
    file = tmp_path_factory.mktemp("profile") / "rows.parquet"
    x = [5e-324, -1e308, 1e308, 0.1, 1e16 + 2, -0.0, 2.5e-300] * 30
    t = ["'; DROP TABLE model; --", "\u202e\x1b[31m", "x" * 300, "", "\\u0041", "a\x00b", "é"] * 30
    pq.write_table(pa.table({"x": x, "i": list(range(2**62, 2**62 + 210)), "t": t}), file)
    features = [
        {"name": "x", "type": "number"},
        {"name": "i", "type": "integer"},
        {"name": "t", "type": "text"},
    ]
    return profile_rows(file, model(features=features))


def test_a_profile_comes_back_as_it_went_in(
    url: str, results: Callable[..., WindowResults], hostile: Profile
) -> None:
    with transaction(url) as connection:
        record_window(connection, results(profile=hostile))
        (stored,) = profiles_of(connection, "shop", {SUNDAY: "r1"}).values()

    assert {one.name: one for one in stored.columns} == {one.name: one for one in hostile.columns}
    assert stored.rows == hostile.rows


def test_each_day_is_known_by_its_newest_revision(url: str, results: Callable[..., WindowResults]) -> None:
    with transaction(url) as connection:
        for revision, day in (("r1", SUNDAY), ("r2", SUNDAY), ("r1", MONDAY)):
            record_window(connection, results(revision, day.isoformat()))
        newest = newest_revisions(connection, "shop", [SUNDAY, MONDAY, date(2024, 3, 5)])
        mixed = profiles_of(connection, "shop", {SUNDAY: "r1", MONDAY: "r2"})

    assert newest == {SUNDAY: "r2", MONDAY: "r1"}
    assert list(mixed) == [SUNDAY], "Monday has no revision r2, though another day has"


def test_what_an_older_version_stored_counts_as_not_measured(
    url: str, results: Callable[..., WindowResults]
) -> None:
    with transaction(url) as connection:
        record_window(connection, results())
        assert profiles_of(connection, "shop", {SUNDAY: "r1"})
        connection.execute(column_profile.update().values(sketch=sa.null()))

        assert profiles_of(connection, "shop", {SUNDAY: "r1"}) == {}
