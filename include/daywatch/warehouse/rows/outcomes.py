"""The rows of expectations, findings, rules and of what served the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.measure.service.past_windows import Setting

if TYPE_CHECKING:
    from daywatch.results import ExpectationResult
    from daywatch.verdicts import VerdictCause
    from daywatch.warehouse.tables import Row
    from daywatch.warehouse.window_results import Judgement, WindowResults

CAUSE_COLUMNS = {"column": "column_name", "baseline": "baseline_value"}
"""Columns of ``cause`` that have another name than the field that they store."""


def expectation_row(position: int, result: ExpectationResult) -> Row:
    """Return a row of ``expectation_result``, without the window's key."""
    return {
        "position": position,
        "slice": "",
        "expectation": result.expectation,
        "column_name": result.column,
        "kwargs": result.kwargs,
        "severity": result.severity.value,
        "status": {True: "passed", False: "failed", None: "not_evaluated"}[result.success],
        "observed": result.observed,
        "element_count": result.element_count,
        "unexpected_count": result.unexpected_count,
        "unexpected_percent": result.unexpected_percent,
        "note": result.note,
    }


def finding_rows(judgement: Judgement) -> list[Row]:
    """Return the rows of ``finding``, without the window's key."""
    return [
        {
            "position": n,
            "code": one.code.value,
            "column_name": one.column,
            "detail": one.detail,
            "count": one.count,
        }
        for n, one in enumerate(judgement.findings)
    ]


def version_rows(results: WindowResults) -> list[Row]:
    """Return the rows of ``window_version``, without the window's key."""
    return [
        {"version": one.value, "records": one.records, "rows": one.rows}
        for one in results.served
        if one.setting is Setting.MODEL_VERSION
    ]


def setting_rows(results: WindowResults) -> list[Row]:
    """Return the rows of ``window_setting``, without the window's key."""
    return [
        {"setting": one.setting.value, "value": one.value, "records": one.records, "rows": one.rows}
        for one in results.served
        if one.setting is not Setting.MODEL_VERSION
    ]


def rule_rows(judgement: Judgement) -> list[Row]:
    """Return the rows of ``rule_outcome``, without the window's key."""
    return [
        {
            "position": position,
            "rule": rule.rule,
            "metric": rule.metric,
            "column_name": rule.column,
            "class_name": rule.class_name,
            "slice": rule.slice,
            "value": rule.value,
            "baseline_value": rule.baseline,
            "state": rule.state.value,
            "found_state": rule.found.value if rule.found is not None else None,
            "reason": rule.reason,
        }
        for position, rule in enumerate(judgement.verdict.rules)
    ]


def cause_rows(judgement: Judgement) -> list[Row]:
    """Return the rows of ``cause``, without the window's key."""
    return [cause_row(one) for one in judgement.verdict.causes]


def cause_row(cause: VerdictCause) -> Row:
    """Return a row of ``cause``, without the window's key."""
    values = cause.model_dump(mode="json")
    return {CAUSE_COLUMNS.get(name, name): value for name, value in values.items()}
