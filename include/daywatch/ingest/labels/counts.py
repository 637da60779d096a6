"""How many labels were read for a window, by outcome."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from daywatch.results import Record

if TYPE_CHECKING:
    import duckdb

    from daywatch.window import Window

SAMPLE = 20
_ID_LENGTH = 200


class ExpectedLabels(Record):
    """When the labels of an immature window can be expected, judging by earlier windows.

    Attributes:
        share: Share of inferences that will have labels, from 0 to 1.
        by: The day by whose end they will.
    """

    share: float
    by: date


class LabelCounts(Record):
    """Counts of the labels that were read for a window, by outcome.

    Attributes:
        labelled: Inferences whose label has arrived.
        label_folders: Where below the source they were looked for, empty where nothing more is known.
        unlabelled_id: The first id of an inference, where none has a label.
        labels: Labels read for this window's inferences, and those that could not be read.
        labels_quarantined: Labels that could not be read.
        labels_unmatched: Labels collected within the window that belong to no inference of it: of earlier
            windows, or of none.
        labels_unmatched_sample: At most 20 of their ids.
        labels_changed: Inferences with two labels of different values, of which the later one counts.
        labelled_by_day: Inferences labelled by the end of the window's last day, of the day after it, and so
            on to the day of the last label; empty if the source does not say when labels were collected.
    """

    labelled: int = 0
    label_folders: str = ""
    unlabelled_id: str = ""
    labels: int
    labels_quarantined: int
    labels_unmatched: int = 0
    labels_unmatched_sample: tuple[str, ...] = ()
    labels_changed: int = 0
    labelled_by_day: tuple[int, ...] = ()


def count_labels(connection: duckdb.DuckDBPyConnection, window: Window) -> LabelCounts:
    """Count the labels of a window by outcome.

    Args:
        connection: Has the views ``label_records``, ``labels`` and ``row_labels``.
        window: The window; the age of a label counts from its last day.
    """
    ((labelled, changed),) = _all(
        connection, "SELECT count(label), count(*) FILTER (coalesce(changed, false)) FROM row_labels"
    )
    ((labels, bad),) = _all(
        connection,
        "SELECT count(*), count(reason) FROM label_records WHERE reason IS NOT NULL OR is_known",
    )
    connection.execute("""
        CREATE TABLE unmatched_labels AS
        SELECT id FROM label_records WHERE reason IS NULL AND NOT is_known
        UNION ALL
        SELECT id FROM labels ANTI JOIN row_labels ON row_labels.id = labels.id AND labelled_row = labels.row_in_record
        WHERE row_in_record > 0
    """)
    ((unmatched,),) = _all(connection, "SELECT count(*) FROM unmatched_labels")
    sample = _all(
        connection, f"SELECT DISTINCT left(id, {_ID_LENGTH}) FROM unmatched_labels ORDER BY 1 LIMIT {SAMPLE}"
    )
    ages = _all(
        connection,
        """
        SELECT date_diff('day', $last, greatest($last, CAST(collected_at AS DATE))) AS age, count(*)
        FROM row_labels WHERE collected_at IS NOT NULL GROUP BY age ORDER BY age
        """,
        {"last": window.last_in_utc},
    )
    unlabelled = ""
    if not labelled:
        ids = f"SELECT left(min(coalesce(inference_id, event_id)), {_ID_LENGTH}) FROM row_outcomes WHERE kept"
        ((found,),) = _all(connection, ids)
        unlabelled = found or ""
    return LabelCounts(
        labelled=labelled,
        unlabelled_id=unlabelled,
        labels=labels,
        labels_quarantined=bad,
        labels_unmatched=unmatched,
        labels_unmatched_sample=tuple(row[0] for row in sample),
        labels_changed=changed,
        labelled_by_day=_cumulated(dict(ages), labelled),
    )


def _cumulated(by_age: dict[int, int], labelled: int) -> tuple[int, ...]:
    """Return how many were labelled by each day, from the window's last day on; empty if a day is not known."""
    if not labelled or sum(by_age.values()) < labelled:
        return ()
    return tuple(sum(n for age, n in by_age.items() if age <= day) for day in range(max(by_age) + 1))


def _all(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[Any]:
    return connection.execute(query, parameters or {}).fetchall()
