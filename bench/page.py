"""The figures of docs/benchmarks.md, generated from bench/results.json between two marks in the page."""

from __future__ import annotations

from typing import Any

BEGIN, END = "<!-- figures -->", "<!-- end of the figures -->"


def with_figures(page: str, results: dict[str, Any]) -> str:
    """Return the page with its figures replaced by those of the results.

    Raises:
        ValueError: The page has no marks for the figures.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        msg = f"expected {BEGIN} and {END} in the page, around the figures"
        raise ValueError(msg)
    return f"{before}{BEGIN}\n\n{figures(results)}\n{END}{after}"


def figures(results: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    days = results["model_day"]
    parts = [
        _machine(results["machine"]),
        "## A day of one model\n",
        _table(
            ["Rows", "Daywatch cold", "warm", "Peer", "Cold", "Warm", "Memory", "Peer's", "Bare parse"],
            [_day(day) for day in days],
        ),
        *(f"{day['rows']:,} rows: {day['peer_left_out']}.\n" for day in days if "peer_left_out" in day),
        *(_stages(day) for day in days),
        *(_nannyml(day) for day in days if "nannyml" in day),
        _small(results["small_day"]),
        "## Ingestion alone\n",
        _table(
            ["Rows", "MB", "Daywatch", "CPU", "Bare parse", "CPU", "Ratio", "Memory"],
            [_ingest(row) for row in results["ingest"]],
        ),
        "## Ingestion of one Parquet table\n",
        _table(
            ["Rows", "Row group", "MB", "Daywatch", "Memory", "DuckDB's copy", "Memory", "Ratio of CPU"],
            [_of_table(row) for row in results["tables"]],
        ),
    ]
    return "\n".join(parts)


def _machine(machine: dict[str, Any]) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    return (
        f"Measured on {machine['cores']} cores and {machine['memory_gb']} GB with Python {machine['python']}; load"
        f" before the start {machine['load_before']}; {libraries}.\n"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, [":---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _day(day: dict[str, Any]) -> list[str]:
    return [
        f"{day['rows']:,}",
        _both(day["daywatch_cold_s"], day["daywatch_cold_cpu_s"]),
        _both(day["daywatch_warm_s"], day["daywatch_warm_cpu_s"]),
        _both(day["peer_s"], day["peer_cpu_s"]),
        _times(day["ratio_cold"]),
        _times(day["ratio_warm"]),
        f"{day['daywatch_peak_mb']:,} MB",
        "–" if day["peer_peak_mb"] is None else f"{day['peer_peak_mb']:,} MB",
        f"{day['bare_parse_s']:.1f} s",
    ]


def _both(seconds: float | None, cpu: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s ({cpu:.1f} CPU)"


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.1f}×"


def _stages(day: dict[str, Any]) -> str:
    ours = [
        [stage, *(f"{lap[name]:.2f}" for name in ("cold_s", "cold_cpu_s", "warm_s", "warm_cpu_s"))]
        for stage, lap in day["stages"].items()
    ]
    text = f"### Where {day['rows']:,} rows spend their time\n\n"
    text += _table(["Stage", "cold s", "cold CPU s", "warm s", "warm CPU s"], ours)
    if day["peer_s"] is not None:
        text += "\n" + _laps("Peer", day["peer_stages"])
    return text


def _laps(title: str, stages: dict[str, dict[str, float]]) -> str:
    rows = [[stage, f"{lap['s']:.2f}", f"{lap['cpu_s']:.2f}"] for stage, lap in stages.items()]
    return _table([title, "s", "CPU s"], rows)


def _nannyml(day: dict[str, Any]) -> str:
    theirs = day["nannyml"]
    return (
        f"### NannyML at {day['rows']:,} rows\n\n"
        f"NannyML {theirs['version']} on pandas {theirs['pandas']}: {_both(theirs['s'], theirs['cpu_s'])},"
        f" {theirs['peak_mb']:,} MB.\n\n" + _laps("NannyML", theirs["stages"])
    )


def _small(day: dict[str, Any]) -> str:
    return (
        "## A small day\n\n"
        f"{day['rows']:,} rows cost {day['cpu_s']:.1f} s of CPU if the libraries are already imported, as in a"
        f" task that Airflow forks from a process that has them; {day['cpu_with_imports_s']:.1f} s in a fresh"
        f" process; {day['cpu_warm_s']:.1f} s as the second day of a process. Importing the libraries takes"
        f" {day['cpu_imports_s']:.1f} s. The fresh process peaks at {day['peak_mb']:,} MB.\n\n"
        + _laps("Stage", day["stages"])
    )


def _ingest(row: dict[str, Any]) -> list[str]:
    return [
        f"{row['rows']:,}",
        f"{row['megabytes']:.0f}",
        f"{row['seconds']:.1f} s",
        f"{row['cpu_seconds']:.1f} s",
        f"{row['bare_parse_seconds']:.1f} s",
        f"{row['bare_parse_cpu_seconds']:.1f} s",
        f"{row['ratio']:.1f}",
        f"{row['peak_mb']:,} MB",
    ]


def _of_table(row: dict[str, Any]) -> list[str]:
    ours, copy = row["daywatch"], row["copy"]
    return [
        f"{row['rows']:,}",
        f"{row['row_group']:,}",
        f"{row['megabytes']:.0f}",
        _both(ours["s"], ours["cpu_s"]),
        f"{ours['peak_mb']:,} MB",
        _both(copy["s"], copy["cpu_s"]),
        f"{copy['peak_mb']:,} MB",
        f"{row['ratio']:.1f}",
    ]
