"""What an edited suite may contain: expectations from a list, and SQL that only reads the rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from daywatch.config.base import nearest
from daywatch.config.loading.expressions import query_error

QUERY = "unexpected_rows_expectation"
"""Great Expectations' name of the expectation that is an SQL query."""

_ON_COLUMN = {
    f"expect_column_{name}"
    for name in (
        *("distinct_values_to_be_in_set", "distinct_values_to_contain_set", "distinct_values_to_equal_set"),
        *(f"{statistic}_to_be_between" for statistic in ("max", "mean", "median", "min", "stdev", "sum")),
        *("most_common_value_to_be_in_set", "quantile_values_to_be_between", "kl_divergence_to_be_less_than"),
        *("proportion_of_non_null_values_to_be_between", "proportion_of_unique_values_to_be_between"),
        *("unique_value_count_to_be_between", "value_lengths_to_be_between", "value_lengths_to_equal"),
        *("value_z_scores_to_be_less_than", "to_exist", "type_to_be"),
        "type_mismatch_share_to_be_at_most",
    )
}
_ON_VALUES = {
    f"expect_column_values_to_{name}"
    for name in (
        *(f"be_{what}" for what in ("between", "decreasing", "in_set", "in_type_list", "increasing", "null")),
        *(f"be_{what}" for what in ("dateutil_parseable", "json_parseable", "of_type", "unique")),
        *("match_json_schema", "match_strftime_format", "not_be_in_set", "not_be_null", "not_be_outliers"),
        *(
            f"{sign}match_{what}"
            for sign in ("", "not_")
            for what in ("like_pattern", "like_pattern_list", "regex", "regex_list")
        ),
        *("include_set", "vary"),
    )
}
_ON_ROWS = {
    f"expect_{name}"
    for name in (
        *(f"column_pair_values_{what}" for what in ("a_to_be_greater_than_b", "to_be_equal", "to_be_in_set")),
        *(
            "column_list_sum_to_be_between",
            "column_list_values_to_be_between",
            "compound_columns_to_be_unique",
        ),
        *("multicolumn_sum_to_equal", "multicolumn_values_to_be_equal"),
        *("select_column_values_to_be_unique_within_record", "known_answer"),
        *(f"table_{what}_count_to_be_between" for what in ("column", "row")),
        *(f"table_{what}_count_to_equal" for what in ("column", "row")),
        *("table_columns_to_match_ordered_list", "table_columns_to_match_set"),
    )
}
ACCEPTED = frozenset({*_ON_COLUMN, *_ON_VALUES, *_ON_ROWS, QUERY})
"""The expectations that a suite may have: those of Great Expectations' core that are about one table, and ours.

Not among them are those that read another table or another data source, and those that need pandas.
"""

DEEPEST = 30
"""Levels of objects and lists in a suite; Great Expectations' own have eight."""

_BATCH = "daywatch_batch"
_LONGEST_QUERY = 4000
_PARAMETER = "$PARAMETER"


def unaccepted(expectation: Mapping[str, Any]) -> str:
    """Return why a suite may not have an expectation, empty where it may.

    Args:
        expectation: As suite JSON has it, with a type and arguments.
    """
    name, kwargs = expectation["type"], expectation.get("kwargs") or {}
    if name not in ACCEPTED:
        return (
            f"{name[:100]!r} is not among the expectations that a suite may have{nearest(name, sorted(ACCEPTED))}; "
            "docs/runbook.md#edit-expectations lists them"
        )
    if any(_PARAMETER in one for one in _objects(kwargs)):
        return f"{_PARAMETER} is not accepted, because nothing gives it a value: write the value itself"
    if name == QUERY and isinstance(query := kwargs.get("unexpected_rows_query"), str):
        return _query_error(query)
    return ""


def _query_error(query: str) -> str:
    """Return what is wrong with the SQL of an expectation, in which ``{batch}`` stands for the window's rows."""
    where = "unexpected_rows_query"
    if len(query) > _LONGEST_QUERY:
        return f"{where}: expected at most {_LONGEST_QUERY} characters"
    try:
        fields = [field[1:] for field in Formatter().parse(query) if field[1] is not None]
    except ValueError:
        fields = []
    # Once, because Great Expectations puts several lines in its place: a second one in a comment would end it.
    if fields != [("batch", "", None)] or _BATCH in query:
        return (
            f"{where}: expected {{batch}} exactly once, for the rows of the window, such as "
            "SELECT * FROM {batch} WHERE distance < 0; write other braces twice"
        )
    problem = query_error(query.rstrip("; \t\r\n\v\f").format(batch=_BATCH), _BATCH)
    return f"{where}: {problem}" if problem else ""


def unstorable(suite: Any) -> str:
    """Return why parsed JSON cannot be a suite, empty where it can: too deep, or no JSON when written again."""
    level, depth = [suite], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            return f"this is nested more than {DEEPEST} levels deep"
        level = [inner for one in level for inner in _inner(one)]
    if any(isinstance(one, float) and not math.isfinite(one) for one in _leaves(suite)):
        return "a number is too large; write one that fits into 64 bits, or leave the bound out"
    try:
        json.dumps(suite, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "a text has half of a surrogate pair (\\ud800 to \\udfff); write the character itself"
    return ""


def _inner(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _leaves(value: Any) -> Iterator[Any]:
    inner = _inner(value)
    yield from (leaf for one in inner for leaf in _leaves(one))
    if not inner:
        yield value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in _inner(value):
        yield from _objects(one)
