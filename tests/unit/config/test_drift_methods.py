"""What the table of drift methods says about scores. A contract test compares it with Evidently's registry."""

from __future__ import annotations

import pytest
from daywatch.config.drift_methods import P_VALUES, in_thresholds


@pytest.mark.parametrize(
    ("method", "value", "threshold", "expected"),
    [
        ("wasserstein", 0.3, 0.1, 3),
        ("ks", 0.05, 0.05, 1),
        ("ks", 0.05**4, 0.05, 4),
        ("ks", 1.0, 0.05, 0),
        ("ks", 0.0, 0.05, 248.5),
        ("psi", 0.05, 0.1, 0.5),  # below its threshold, and no p-value
        ("psi", 0.5, 0.0, 5e8),
        ("abs_text_content_drift", 1.0, 0.5, 2),
        ("", 0.3, 0.1, 3),
    ],
)
def test_a_score_in_thresholds(method: str, value: float, threshold: float, expected: float) -> None:
    assert in_thresholds(method, value, threshold) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("threshold", [0.0, 5e-324, 0.05, 1.0])
def test_a_smaller_p_value_is_further_beyond_any_threshold(threshold: float) -> None:
    scores = [in_thresholds("ks", value, threshold) for value in (1.0, 0.5, 0.05, 1e-9, 1e-310, 5e-324)]

    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_the_p_values() -> None:
    assert {"ks", "chisquare", "z"} <= P_VALUES
    assert P_VALUES.isdisjoint({"psi", "jensenshannon", "wasserstein", "abs_text_content_drift"})
