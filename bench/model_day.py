"""Whole days of a model, from capture objects to mail, compared with what a user would write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from daywatch_demo.stack.settings import DATA_BUCKET

from bench.captures import DAYS
from bench.measured import Cost, measured
from bench.site import Site

_OF_PEER = ("peer_s", "peer_cpu_s", "peer_peak_mb", "ratio_cold", "ratio_warm", "ratio_memory")


@dataclass(frozen=True)
class Peers:
    """The peers to compare with.

    Attributes:
        largest: The largest number of rows at which peers run.
        nannyml: Path of a Python that has NannyML; empty to leave NannyML out.
    """

    largest: int
    nannyml: str = ""


def compare_model_day(site: Site, peers: Peers) -> dict[str, Any]:
    """Measure a cold and a warm day of Daywatch, and the peers on the same day."""
    baseline = str(site.baseline)
    bare = measured("bare_parse", {}, str(site.captures), str(site.folder / "bare.parquet"))
    cold, warm = measured("model_day", site.environment, *DAYS[:2]).result["days"]
    row: dict[str, Any] = {
        "rows": site.rows,
        "daywatch_cold_s": cold["s"],
        "daywatch_warm_s": warm["s"],
        "daywatch_cold_cpu_s": cold["cpu_s"],
        "daywatch_warm_cpu_s": warm["cpu_s"],
        "daywatch_peak_mb": warm["peak_mb"],
        "bare_parse_s": round(bare.seconds, 2),
        "states": [cold["state"], warm["state"]],
        "stages": _stages(cold, warm),
    }
    if site.rows > peers.largest:
        reason = f"the peers run up to {peers.largest:,} rows (--peer-rows)"
        return {**row, **dict.fromkeys(_OF_PEER), "peer_left_out": reason}
    arguments = (DATA_BUCKET, DAYS[0], baseline)
    html = site.folder / "peer.html"
    peer = measured("peer", site.peer_environment, *arguments, str(html))
    row |= _compared(peer, cold, warm)
    if peers.nannyml:
        theirs = measured("nannyml", site.peer_environment, *arguments, python=peers.nannyml)
        row["nannyml"] = {
            **_figures(theirs),
            "version": theirs.result["version"],
            "pandas": theirs.result["pandas"],
        }
    return row


def measure_small_day(site: Site) -> dict[str, Any]:
    """Measure the cost of a day with few rows: CPU seconds, with and without imports."""
    _ = site.baseline
    cold, warm = measured("model_day", site.environment, *DAYS[:2]).result["days"]
    imported = measured("imported_day", site.environment, DAYS[2]).result
    return {
        "rows": site.rows,
        "cpu_s": imported["cpu_s"],
        "cpu_imports_s": imported["stages"]["imports"]["cpu_s"],
        "cpu_with_imports_s": cold["cpu_s"],
        "cpu_warm_s": warm["cpu_s"],
        "peak_mb": cold["peak_mb"],
        "stages": imported["stages"],
    }


def _compared(peer: Cost, cold: dict[str, Any], warm: dict[str, Any]) -> dict[str, Any]:
    return {
        **{f"peer_{name}": value for name, value in _figures(peer).items()},
        "ratio_cold": round(peer.process_seconds / cold["s"], 2),
        "ratio_warm": round(peer.process_seconds / warm["s"], 2),
        "ratio_cold_cpu": round(peer.process_cpu_seconds / cold["cpu_s"], 2),
        "ratio_warm_cpu": round(peer.process_cpu_seconds / warm["cpu_s"], 2),
        "ratio_memory": round(peer.peak_mb / warm["peak_mb"], 2),
        "peer_expectations": peer.result["expectations"],
        "peer_html_mb": round(peer.result["html_bytes"] / 1e6, 1),
    }


def _figures(cost: Cost) -> dict[str, Any]:
    """Return a peer's figures, with interpreter and imports."""
    return {
        "s": round(cost.process_seconds, 2),
        "cpu_s": round(cost.process_cpu_seconds, 2),
        "peak_mb": round(cost.peak_mb),
        "stages": cost.result["stages"],
    }


def _stages(cold: dict[str, Any], warm: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Join the seconds of each stage on both days."""
    return {
        stage: {
            **{f"cold_{unit}": value for unit, value in lap.items()},
            **{f"warm_{unit}": value for unit, value in warm["stages"][stage].items()},
        }
        for stage, lap in cold["stages"].items()
    }
