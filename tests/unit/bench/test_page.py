"""The page of benchmarks shows the last results and nothing else."""

import json
from pathlib import Path

import pytest

from bench.page import BEGIN, END, figures, with_figures

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
RESULTS = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_last_results() -> None:
    assert with_figures(PAGE, RESULTS) == PAGE


def test_another_result_is_another_page() -> None:
    small = {**RESULTS["small_day"], "cpu_s": 123.4}
    assert "123.4 s of CPU" in with_figures(PAGE, {**RESULTS, "small_day": small})


def test_what_was_left_out_says_why() -> None:
    day = {**RESULTS["model_day"][0], "peer_left_out": "no time"}
    day |= dict.fromkeys(("peer_s", "peer_cpu_s", "peer_peak_mb", "ratio_cold", "ratio_warm"))
    shown = figures({**RESULTS, "model_day": [day]})
    assert f"{day['rows']:,} rows: no time." in shown
    assert "| – | – | – |" in shown


@pytest.mark.parametrize("page", ["", BEGIN, END])
def test_a_page_without_a_place_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="around the figures"):
        with_figures(page, RESULTS)
