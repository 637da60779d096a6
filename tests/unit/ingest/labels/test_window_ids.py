import duckdb
import numpy as np
import pytest
from daywatch.ingest.labels.window_ids import Hashes, provide_of_window

IDS = "SELECT 'id-' || n FROM range({}) AS t(n)"


@pytest.mark.parametrize("known", [0, 1, 2, 3, 1000, 65_537])
def test_an_id_is_of_the_window_when_a_readable_record_has_it(known: int) -> None:
    connection = duckdb.connect()
    connection.execute(f"""
        CREATE TABLE records AS SELECT column0 AS event_id, NULL::VARCHAR AS inference_id, NULL::VARCHAR AS reason
            FROM ({IDS.format(known)}) AS ids(column0);
        INSERT INTO records VALUES ('event', 'inference', NULL), ('event', 'inference', NULL), ('bad', NULL, 'no_time');
    """)
    provide_of_window(connection)
    wanted = f"{IDS.format(known + 500)} UNION ALL VALUES ('event'), ('inference'), ('bad')"
    found = connection.execute(f"SELECT id FROM ({wanted}) AS t(id) WHERE is_of_window(hash(id))").fetchall()
    assert {one for (one,) in found} == {f"id-{n}" for n in range(known)} | {"inference"}


LAST = 2**64 - 1
SETS = {
    "none": [],
    "the ends": [0, LAST],
    "one run": [*range(5000)],
    "one run, the last": [LAST - n for n in range(5000)],
    "one hash over and over": [7] * 5000,
    "two runs and a lonely one": [*range(300), 2**63, *(LAST - 2 * n for n in range(300))],
}


@pytest.mark.parametrize("hashes", SETS.values(), ids=SETS)
def test_hashes_are_found_however_they_are_spread(hashes: list[int]) -> None:
    wanted = np.array([*hashes, 0, 1, 7, 2**32, 2**63 - 1, 2**63, 2**63 + 1, LAST - 1, LAST], np.uint64)
    held = Hashes(np.array(hashes, np.uint64)).hold(wanted)
    assert held.tolist() == [int(one) in set(hashes) for one in wanted]
