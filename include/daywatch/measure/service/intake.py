"""What was wrong with the values and payloads that were read, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.formatting import percent, plural
from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.export_counts import ExportCounts

_NEARLY_ALL = 0.9
"""A name in so many records may be another name of a feature that is missing."""

_NAMED = 3


_BY_CHANCE = 1e-3
"""Probability below which so many bad rows of one origin are no chance."""


def intake_health(counts: ExportCounts, model: MonitoredModel) -> tuple[list[Metric], list[Finding]]:
    """Return the shares of values that do not fit their types, and what should be known about the intake.

    Args:
        counts: What was read for the window.
        model: The model's configuration, for its columns.
    """
    metrics = [*_mismatch_shares(counts, model), _extra_columns(counts)]
    return metrics, [
        *_mismatch_findings(counts, model),
        *_concentrated(counts),
        *_guesses(counts),
        *_extra_names(counts),
    ]


def _extra_columns(counts: ExportCounts) -> Metric:
    return Metric(
        name="extra_columns",
        value=float(counts.extra_names) if counts.named_records else None,
        rows=counts.named_records,
        note="" if counts.named_records else "no captured value has a name",
    )


def _extra_names(counts: ExportCounts) -> list[Finding]:
    if not counts.extra_columns:
        return []
    listed = ", ".join(
        f"{shown(one.name)!r} in {one.records:,} of {plural(counts.named_records, 'record')}"
        for one in counts.extra_columns
    )
    others = counts.extra_names - len(counts.extra_columns)
    return [
        Finding(
            code=FindingCode.EXTRA_COLUMNS,
            detail=f"{plural(counts.extra_names, 'name')} that no feature has: {listed}"
            + (f" and {others:,} more" if others else ""),
            count=counts.extra_names,
        )
    ]


def _mismatch_shares(counts: ExportCounts, model: MonitoredModel) -> list[Metric]:
    shares = counts.type_mismatch_shares(model)
    return [
        Metric(
            name="type_mismatch_share",
            column=name,
            value=shares.get(name),
            rows=counts.rows_read,
            note="" if shares else "no record could be split into rows",
        )
        for name in checked_columns(model)
    ]


def _mismatch_findings(counts: ExportCounts, model: MonitoredModel) -> list[Finding]:
    tolerant = {one.name for one in model.features if one.on_bad_value == "missing"}
    types = {one.name: one.type for one in model.features}
    return [
        Finding(
            code=FindingCode.TYPE_MISMATCH,
            column=name,
            detail=f"{count:,} of {counts.rows_read:,} values ({percent(count / counts.rows_read)}) do not "
            f"fit the type {types.get(name, ColumnType.NUMBER)}; "
            + ("they count as missing" if name in tolerant else "their rows are quarantined"),
            count=count,
        )
        for name, count in counts.type_mismatches.items()
    ]


def _concentrated(counts: ExportCounts) -> list[Finding]:
    """Return where the bad rows come from, unless so many may come from there by chance."""
    from scipy.stats import binom

    things = {"quarantined": "quarantined rows", "failed": "failed requests"}
    return [
        Finding(
            code=FindingCode.FAULTS_CONCENTRATED,
            detail=f"{one.bad:,} of {one.all_bad:,} {things[one.kind]} come from {one.name} {shown(one.value)!r}, "
            f"which gave {percent(one.rows / one.all_rows)} of all rows",
            count=one.bad,
        )
        for one in counts.concentrations
        if binom.sf(one.bad - 1, one.all_bad, one.rows / one.all_rows) < _BY_CHANCE
    ]


def _guesses(counts: ExportCounts) -> list[Finding]:
    return [
        Finding(
            code=FindingCode.PAYLOAD_GUESSED,
            detail=f"{one.records:,} of {counts.records:,} records: {shown(one.payload)} is a guess, because the "
            "content type does not say it; capture.payload.request_kind and response_kind do",
            count=one.records,
        )
        for one in counts.guessed_payloads
    ]


def with_captured_names(findings: Iterable[Finding], counts: ExportCounts) -> Iterator[Finding]:
    """Yield findings; of a feature that is missing, with the names that captures have and no feature has.

    Args:
        findings: The findings on a window's rows.
        counts: Counts of the export.
    """
    names = [one.name for one in counts.extra_columns if one.records >= _NEARLY_ALL * counts.named_records]
    listed = ", ".join(repr(shown(one)) for one in names[:_NAMED])
    for one in findings:
        if one.code is FindingCode.FEATURE_MISSING and names:
            detail = f"{one.detail}; the captures have {listed}, which no feature has"
            yield one.model_copy(update={"detail": detail})
        else:
            yield one
