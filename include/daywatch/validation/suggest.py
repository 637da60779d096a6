"""The suite suggested from a baseline's profile, in Great Expectations' own JSON.

The baseline meets every suggestion that comes from it, except volume, which is about a day. What breaks a
model is critical: values that do not fit their type, a probability outside [0, 1]. What may be a change in the
world is a warning: ranges, domains, missing values, volume. Whether a column exists and has its type is not asked of
the rows, because canonical Parquet always has every column in its type: the counts of the export say it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from importlib.metadata import version
from math import ceil, floor
from typing import Any

from daywatch.config.model.columns import ColumnType, Task
from daywatch.config.model.model import MonitoredModel
from daywatch.profiles.profile import ColumnProfile, Profile
from daywatch.results import Severity
from daywatch.validation.draft import Draft, suggested_expectation, suite_id
from daywatch.validation.fingerprint import expectation_key
from daywatch.validation.predictions import draft_predictions

RANGE_MARGIN = 0.1
"""Share of the baseline's span by which a range is widened at both ends."""

ROOM = 0.01
"""Share of rows that may fall outside a range or domain, or be missing beyond the baseline's own."""

MISSING_FACTOR = 2.0
"""Factor by which the baseline's share of missing values may rise."""

VOLUME = (0.5, 2.0)
"""A day holds at least this share of the smallest day of the baseline, at most this of the largest."""

DOMAIN = 50
"""A category with more distinct values than this has no domain."""


def suggest_suite(
    profile: Profile,
    model: MonitoredModel,
    volume: Mapping[str, int],
    mismatches: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Suggest a suite.

    Args:
        profile: The profile of the baseline's rows.
        model: The monitored model.
        volume: Number of rows of each day of the baseline, 0 for days without rows.
        mismatches: Shares of the baseline's values that did not fit their types, by column, of the checked columns.

    Returns:
        What ``ExpectationSuite.to_json_dict()`` of Great Expectations writes, ids made from the names.
    """
    drafts = [
        *_volume(volume),
        *_types(mismatches or {}),
        *(draft for name in _columns(model) for draft in _of(name, profile, model)),
        *draft_predictions(profile, model, smallest_day(volume)),
    ]
    expectations = [suggested_expectation(model.model, draft) for draft in drafts]
    return {
        "name": model.model,
        "id": suite_id(model.model),
        "expectations": expectations,
        "meta": {
            "great_expectations_version": version("great_expectations"),
            "daywatch": {"suggested": [expectation_key(expectation) for expectation in expectations]},
        },
        "notes": None,
    }


def smallest_day(volume: Mapping[str, int]) -> int:
    """Return the least number of rows of a day: a share of the baseline's smallest day with rows."""
    return floor(VOLUME[0] * min((rows for rows in volume.values() if rows > 0), default=0))


def _columns(model: MonitoredModel) -> list[str]:
    answer = ["prediction", "probability"] if model.output.has_probability else ["prediction"]
    return [feature.name for feature in model.stored_features] + answer


def _volume(volume: Mapping[str, int]) -> Iterator[Draft]:
    if volume and max(volume.values()) > 0:
        bounds = {
            "min_value": floor(VOLUME[0] * min(volume.values())),
            "max_value": ceil(VOLUME[1] * max(volume.values())),
        }
        yield Draft("expect_table_row_count_to_be_between", bounds, Severity.WARNING)


def _types(mismatches: Mapping[str, float]) -> Iterator[Draft]:
    """Expect no more values than in the baseline not to fit their types, whether they cost rows or are missing."""
    for name, share in mismatches.items():
        kwargs = {"column": name, "max_value": 1 - _share(1 - min(1.0, MISSING_FACTOR * share + ROOM))}
        yield Draft("expect_column_type_mismatch_share_to_be_at_most", kwargs, Severity.CRITICAL)


def _of(name: str, profile: Profile, model: MonitoredModel) -> Iterator[Draft]:
    """Draft the expectations of one column."""
    column = profile.column(name)
    if column is None or column.rows == 0:
        return
    missing = MISSING_FACTOR * column.nulls / column.rows + ROOM
    if missing < 1:
        kwargs = {"column": name, "mostly": _share(1 - missing)}
        yield Draft("expect_column_values_to_not_be_null", kwargs, Severity.WARNING)
    if name == "probability":
        kwargs = {"column": name, "min_value": 0, "max_value": 1}
        yield Draft("expect_column_values_to_be_between", kwargs, Severity.CRITICAL)
    elif name == "prediction" and column.type is ColumnType.CATEGORY:
        yield from _classes(profile, model)
    elif column.type.is_numeric:
        yield from _range(column)
    elif column.type is ColumnType.CATEGORY and 0 < column.distinct <= DOMAIN and not column.other:
        values = sorted(entry.value for entry in column.frequent)
        kwargs = {"column": name, "value_set": values, "mostly": _share(1 - ROOM)}
        yield Draft("expect_column_values_to_be_in_set", kwargs, Severity.WARNING)


def _classes(profile: Profile, model: MonitoredModel) -> Iterator[Draft]:
    """Expect the classes that the baseline predicted or that came true; a binary model has no others."""
    answers = [column for name in ("prediction", "label") if (column := profile.column(name))]
    if any(column.other for column in answers) or not any(column.count for column in answers):
        return
    classes = {entry.value for column in answers for entry in column.frequent}
    if model.output.task is Task.BINARY:
        classes.add(model.output.positive_class)
    whole = model.output.task is Task.BINARY and len(classes) == 2
    severity = Severity.CRITICAL if whole else Severity.WARNING
    yield Draft(
        "expect_column_values_to_be_in_set",
        {"column": "prediction", "value_set": sorted(classes)},
        severity,
    )


def _range(column: ColumnProfile) -> Iterator[Draft]:
    """Expect the baseline's range, widened; what never was negative is expected to stay so."""
    if column.min is None or column.max is None:
        return
    span = column.max / 2 - column.min / 2  # halved, because the difference may overflow
    margin = 2 * RANGE_MARGIN * span or RANGE_MARGIN * abs(column.max) or 1.0
    lower = min(_outward(column.min - margin, ROUND_FLOOR), column.min)
    upper = max(_outward(column.max + margin, ROUND_CEILING), column.max)
    infinite = column.non_finite / (column.count + column.non_finite)  # outside of every range
    mostly = 1 - ROOM - MISSING_FACTOR * infinite
    if mostly > 0:
        kwargs = {
            "column": column.name,
            "min_value": 0.0 if column.min >= 0 > lower else lower,
            "max_value": 0.0 if column.max <= 0 < upper else upper,
            "mostly": _share(mostly),
        }
        yield Draft("expect_column_values_to_be_between", kwargs, Severity.WARNING)


def _outward(value: float, rounding: str) -> float:
    """Round to six digits, away from the range, so that people can read the bound."""
    finite = max(-sys.float_info.max, min(value, sys.float_info.max))
    exact = Context(prec=12).create_decimal(Decimal(finite))  # 25.300000000000004 is meant to be 25.3
    rounded = float(Context(prec=6, rounding=rounding).create_decimal(exact))
    return max(-sys.float_info.max, min(rounded, sys.float_info.max))


def _share(value: float) -> float:
    """Round a share down to four digits."""
    return floor(value * 10_000 + 1e-6) / 10_000
