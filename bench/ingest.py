"""Ingestion compared with a bare parse of the same files."""

from __future__ import annotations

from typing import Any

from bench.captures import DAYS
from bench.measured import Cost, measured
from bench.site import Site

ROUNDS = 3


def compare_ingest(site: Site) -> dict[str, Any]:
    """Compare reading a day's captures from S3 with parsing the same files on the local disk.

    Both run several times in turn. The result is the median of each, and the largest memory.
    """
    rounds = [_both(site) for _ in range(ROUNDS)]
    bare, ours = (sorted(costs, key=lambda cost: cost.seconds) for costs in zip(*rounds, strict=True))
    return _row(site, bare[ROUNDS // 2], ours[ROUNDS // 2], max(cost.peak_mb for cost in ours))


def _both(site: Site) -> tuple[Cost, Cost]:
    bare = measured("bare_parse", {}, str(site.captures), str(site.folder / "bare.parquet"))
    return bare, measured("ingest", site.environment, DAYS[0])


def _row(site: Site, bare: Cost, ours: Cost, peak_mb: float) -> dict[str, Any]:
    return {
        "rows": site.rows,
        "megabytes": round(site.capture_bytes / 1e6, 1),
        "seconds": round(ours.seconds, 2),
        "cpu_seconds": round(ours.cpu_seconds, 2),
        "bare_parse_seconds": round(bare.seconds, 2),
        "bare_parse_cpu_seconds": round(bare.cpu_seconds, 2),
        "ratio": round(ours.seconds / bare.seconds, 2),
        "peak_mb": round(peak_mb),
        "bare_parse_peak_mb": round(bare.peak_mb),
    }
