"""All results of a window as rows, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daywatch.warehouse import result_tables
from daywatch.warehouse.rows.metrics import metric_row
from daywatch.warehouse.rows.outcomes import (
    cause_rows,
    expectation_row,
    finding_rows,
    rule_rows,
    setting_rows,
    version_rows,
)
from daywatch.warehouse.rows.profiles import drift_row, profile_rows
from daywatch.warehouse.rows.runs import coverage_row

if TYPE_CHECKING:
    import sqlalchemy as sa

    from daywatch.warehouse.tables import Row
    from daywatch.warehouse.window_results import Judgement, WindowResults


def result_rows(results: WindowResults) -> Iterator[tuple[sa.Table, list[Row]]]:
    """Yield each table of results with its rows, without the window's key.

    Args:
        results: Everything that is stored about the window.
    """
    yield result_tables.label_coverage, [coverage_row(results)]
    yield result_tables.confusion_matrix, [cell.model_dump() for cell in results.confusion]
    yield (
        result_tables.expectation_result,
        [expectation_row(n, one) for n, one in enumerate(results.expectations)],
    )
    yield result_tables.window_version, version_rows(results)
    yield result_tables.window_setting, setting_rows(results)
    profiles = {"": results.profile, **results.slice_profiles}
    yield result_tables.column_profile, profile_rows(profiles, of_baseline=False)
    yield from judgement_rows(results)


def judgement_rows(judgement: Judgement) -> Iterator[tuple[sa.Table, list[Row]]]:
    """Yield each table of what depends on the plan and on the windows before with its rows, without the window's key.

    Args:
        judgement: What is stored of it.
    """
    verdict = judgement.verdict
    judged = {
        "slice": "",
        "state": verdict.state.value,
        "short": verdict.short,
        "reasons": list(verdict.reasons),
    }
    yield result_tables.metric_value, [metric_row(metric) for metric in judgement.metrics]
    yield result_tables.finding, finding_rows(judgement)
    yield result_tables.profile_drift, [drift_row(one) for one in judgement.profile_drifts]
    yield result_tables.verdict, [judged]
    yield result_tables.rule_outcome, rule_rows(judgement)
    yield result_tables.cause, cause_rows(judgement)
