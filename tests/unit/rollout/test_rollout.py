"""Two versions that serve at once: the rows of the same hours, intervals of two samples, and the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from daywatch.config.model.rollout import Rollout
from daywatch.measure.performance.intervals import Z
from daywatch.rollout.compare import ServedFiles, compare_versions
from daywatch.rollout.two_samples import bootstrap_two, difference_of_areas
from daywatch.rollout.verdict import RolloutState, RolloutVerdict
from models import model
from scipy import stats
from sklearn.metrics import roc_auc_score

SETTINGS = {"champion": 1, "candidate": "2", "metric": "roc_auc", "margin": 0.05}


def served(folder: Path, right: dict[str, float], rows: int = 2000, day: str = "2024-03-03") -> ServedFiles:
    """Write a day: versions in turn, each right in a share of its rows; version 2 serves from noon on."""
    random = np.random.default_rng(int(day[-2:]))
    files = ServedFiles(day, folder / f"{day}.parquet", folder / f"{day}-operations.parquet")
    label = random.random(rows) < 0.4
    hour = np.arange(rows) * 24 // rows
    version = np.where((hour >= 12) & (np.arange(rows) % 2 == 0), "2", "1")
    share = np.array([right.get(one, 1.0) for one in version])
    score = np.where(random.random(rows) < share, label, ~label) * 0.6 + random.random(rows) * 0.4
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT unnest(?) AS n, unnest(?) AS version, unnest(?) AS hour, unnest(?) AS label,"
            " unnest(?) AS score",
            [list(range(rows)), version.tolist(), hour.tolist(), label.tolist(), score.tolist()],
        )
        at = f"TIMESTAMPTZ '{day} 00:00:00+00' + to_hours(hour::INT) AS inference_time, '{day}-' || n AS event_id"
        connection.execute(f"""
            COPY (SELECT {at}, 0 AS row_in_record, 1.0 AS amount, 1 AS items, true AS member, 'DE' AS country,
                if(score >= 0.5, '1', '0') AS prediction, score AS probability, if(label, '1', '0') AS label FROM t
            ) TO '{files.inferences}' (FORMAT parquet)
        """)
        connection.execute(f"""
            COPY (SELECT {at}, version AS model_version, 'succeeded' AS status FROM t)
            TO '{files.operations}' (FORMAT parquet)
        """)
    return files


def judged(
    folder: Path, right: dict[str, float], *, rows: int = 2000, days: int = 1, **changes: Any
) -> RolloutVerdict:
    files = [served(folder, right, rows, f"2024-03-{day:02}") for day in range(3, 3 + days)]
    return compare_versions(files, model(), Rollout.model_validate({**SETTINGS, **changes}), folder)


def test_a_candidate_that_is_as_good_clears(tmp_path: Path) -> None:
    found = judged(tmp_path, {"1": 0.9, "2": 0.95})

    assert found.state is RolloutState.CLEARS, found.reason
    assert (found.hours, found.champion.rows, found.candidate.rows) == (12, 500, 500)
    assert found.reason.startswith("Version 2 clears. ROC AUC of 2 0.")
    assert "in 12 hours that both served: improvement 0." in found.reason


def test_a_candidate_that_is_worse_fails(tmp_path: Path) -> None:
    found = judged(tmp_path, {"1": 0.95, "2": 0.7})

    assert found.state is RolloutState.FAILS, found.reason
    assert (found.high or 0) < -0.05


@pytest.mark.parametrize("metric", ["accuracy", "brier_score"])
def test_other_metrics_have_a_bootstrap(tmp_path: Path, metric: str) -> None:
    found = judged(tmp_path, {"1": 0.95, "2": 0.7}, metric=metric)

    assert (found.state, found.method) == (RolloutState.FAILS, "bootstrap, two samples"), found.reason


def test_too_few_rows_are_not_enough_and_days_add_up(tmp_path: Path) -> None:
    one = judged(tmp_path, {"1": 0.9, "2": 0.95}, rows=400)
    five = judged(tmp_path, {"1": 0.9, "2": 0.95}, rows=400, days=5)

    assert one.state is RolloutState.UNKNOWN
    assert "1 has 100 labelled rows and 2 has 100 labelled rows, and 200 are needed" in one.reason
    assert (five.state, five.candidate.rows) == (RolloutState.CLEARS, 500), five.reason
    assert (five.first, five.last) == ("2024-03-03", "2024-03-07")


def test_an_interval_that_leaves_both_possible(tmp_path: Path) -> None:
    found = judged(tmp_path, {"1": 0.9, "2": 0.9}, margin=0.0)

    assert found.state is RolloutState.UNKNOWN
    assert found.reason.endswith("the interval leaves both possible.")


def test_no_hour_in_which_both_served(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, champion="0")

    assert (found.state, found.hours, found.candidate.rows) == (RolloutState.UNKNOWN, 0, 0)


def scores(seed: int, rows: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(rows) < 0.4
    return positive, random.normal(size=rows) + shift * positive


def test_areas_of_two_samples_are_those_of_scikit_learn_and_their_interval_covers() -> None:
    first, second = scores(1, 700, 1.5), scores(2, 500, 1.0)
    found = difference_of_areas(first, second)
    assert found is not None
    assert found.value == pytest.approx(roc_auc_score(*first) - roc_auc_score(*second), abs=1e-12)

    truth = stats.norm.cdf(1.5 / 2**0.5) - stats.norm.cdf(1.0 / 2**0.5)
    intervals = [difference_of_areas(scores(n, 300, 1.5), scores(n + 5000, 200, 1.0)) for n in range(200)]
    covered = np.mean([one.low <= truth <= one.high for one in intervals if one is not None])
    assert 0.92 <= covered <= 0.98


def test_the_bootstrap_of_two_shares_has_the_error_of_every_textbook() -> None:
    random = np.random.default_rng(3)
    sides = [
        np.stack([random.random(n) < p, np.ones(n)], axis=1).astype(float)
        for n, p in ((4000, 0.8), (1500, 0.7))
    ]
    shares = [side[:, 0].mean() for side in sides]
    error = np.sqrt(sum(p * (1 - p) / len(side) for p, side in zip(shares, sides, strict=True)))

    found = bootstrap_two(sides[0], sides[1], lambda sums: sums[..., 0] / sums[..., 1])

    assert found is not None
    assert found.value == pytest.approx(shares[0] - shares[1], abs=1e-12)
    assert (found.high - found.low) / (2 * Z) == pytest.approx(error, rel=0.06)
