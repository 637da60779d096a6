"""Ingestion beside the barest parse of the same files."""

from __future__ import annotations

from typing import Any

from bench.captures import DAYS
from bench.measured import measured
from bench.site import Site


def compare_ingest(site: Site) -> dict[str, Any]:
    """Compare reading a day's captures from S3 with parsing the same files where they lie."""
    bare = measured("bare_parse", {}, str(site.captures), str(site.folder / "bare.parquet"))
    ours = measured("ingest", site.environment, DAYS[0])
    return {
        "rows": site.rows,
        "megabytes": round(site.capture_bytes / 1e6, 1),
        "seconds": round(ours.seconds, 2),
        "cpu_seconds": round(ours.cpu_seconds, 2),
        "bare_parse_seconds": round(bare.seconds, 2),
        "bare_parse_cpu_seconds": round(bare.cpu_seconds, 2),
        "ratio": round(ours.seconds / bare.seconds, 2),
        "peak_mb": round(ours.peak_mb),
        "bare_parse_peak_mb": round(bare.peak_mb),
    }
