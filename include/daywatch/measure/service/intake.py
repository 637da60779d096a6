"""What was wrong with the values and payloads that were read, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.config.model.columns import ColumnType
from daywatch.formatting import percent
from daywatch.ingest.payloads.typed_rows import checked_columns
from daywatch.results import Finding, FindingCode, Metric
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel
    from daywatch.ingest.accounting import ExportCounts


def intake_health(counts: ExportCounts, model: MonitoredModel) -> tuple[list[Metric], list[Finding]]:
    """Return the shares of values that do not fit their types, and what should be known about the intake.

    Args:
        counts: What was read for the window.
        model: The model's configuration, for its columns.
    """
    return _mismatch_shares(counts, model), [*_mismatch_findings(counts, model), *_guesses(counts)]


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
