"""Payloads of records (CSV, JSON and JSON Lines) split into rows of text, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.ingest.payloads.one_side import Side
from daywatch.ingest.payloads.positions import (
    answer_positions,
    answer_width,
    by_position,
    feature_positions,
    rows_of_list,
)
from daywatch.ingest.reading.quarantine import Reason, Rule, first_detail, first_reason

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

ABOUT = (
    "object, record, event_id, inference_id, inference_time, status, latency_ms, request_bytes, "
    "response_bytes, model_version, variant, sampling_percent, attributes, kept, is_filtered, is_answered, guessed, "
    "extra_names, record_reason, record_detail, excerpt"
)
"""Columns of a record other than its payloads."""

_ROWS_DIFFER = Rule(
    "len(request_rows) <> len(response_rows)",
    Reason.ROWS_DIFFER,
    "'the request has ' || len(request_rows) || ' rows, the response ' || len(response_rows)",
)


def payload_steps(model: MonitoredModel) -> str:
    """Return SQL from ``window_records`` to ``payloads``, as common table expressions that need ``csv_rows``.

    ``window_records`` has the columns ``ABOUT``, ``part_reason`` and ``part_detail``, and the payloads, NULL for a
    record that is not to be split. ``payloads`` has one row per inference, its values as lists of text; ``has_nul``
    is true where one of the record's values may contain a NUL character. A record whose payloads are no rows that
    belong together has one row, with the reason in ``problem`` and the sentence in ``problem_detail``.

    Args:
        model: The model's configuration: payload layout, positions of features and answers.
    """
    layout, classes = model.capture.payload, len(model.output.classes)
    captured = [name for name in ("request", "response") if layout.parts in ("both", name)]
    requests = Side("request", feature_positions(model), layout.request_rows, 0, header=layout.header)
    responses = Side("response", answer_positions(model), layout.response_rows, classes)
    taken = [one for one in (requests, responses) if one.column in captured]
    problems = [Rule("part_reason IS NOT NULL", Reason.ENCODING, "part_detail")]
    problems += [rule for one in taken for rule in one.problems()]
    befores = ["parsed", *(f"{one.column}_split" for one in taken)]
    steps = [step for one, before in zip(taken, befores, strict=False) for step in one.steps(before)]
    if len(taken) == 1:
        # If only one part was captured, the values of the other are missing in every row.
        absent = responses if taken[0] is requests else requests
        empty = f"['' FOR n IN range({len(absent.wanted)})]"
        rows = f"list_transform({taken[0].column}_rows, lambda one: {empty}) AS {absent.column}_rows"
        steps.append(f"both_split AS (SELECT *, {rows} FROM {taken[0].column}_split)")
    else:
        problems.append(_ROWS_DIFFER)
        steps.append(
            f"both_split AS (SELECT * REPLACE ({_answers_in_one_line(model)} AS response_rows) FROM response_split)"
        )
    readable = "is_answered AND problem IS NULL"
    return f"""
        -- One row per record; each payload as rows of CSV, or as JSON documents.
        parsed AS (
            SELECT *, {", ".join(one.parsed() for one in taken)} FROM window_records
        ),
        -- One row per record, in each of these; each payload as rows of the wanted values.
        {", ".join(steps)},
        -- One row per record; why its payloads cannot be split, if they cannot.
        split AS (
            SELECT {ABOUT}, request_rows, response_rows, request, response, request_kind, response_kind,
                {" OR ".join(one.holds_nul() for one in taken)} AS has_nul,
                problem, CASE WHEN problem IS NOT NULL THEN {first_detail(problems)} END AS problem_detail
            FROM (
                SELECT *, CASE WHEN is_answered THEN coalesce(part_reason, {first_reason(problems)}) END AS problem
                FROM both_split
            )
        ),
        -- One row per record, with the number of its rows; a record that cannot be split has one.
        counted AS (
            SELECT * REPLACE (CASE WHEN {readable} THEN {_trimmed("request")} END AS request_rows,
                    CASE WHEN {readable} THEN {_trimmed("response")} END AS response_rows),
                CASE WHEN {readable} THEN len(request_rows) ELSE 1 END AS rows_in_record
            FROM split
        ),
        -- One row per inference: the nth of the request's rows with the nth of the response's.
        payloads AS (
            SELECT {ABOUT}, problem, problem_detail, has_nul, rows_in_record, request_kind, response_kind,
                unnest(range(1, rows_in_record + 1)) AS row_in_record,
                unnest(request_rows) AS request, unnest(response_rows) AS response
            FROM counted
        )
    """


def _answers_in_one_line(model: MonitoredModel) -> str:
    """Return SQL for the response's rows where one line answers all rows of the request, one after the other."""
    wanted, width = answer_positions(model), answer_width(model)
    placed = any(isinstance(at, int) for _, at in wanted)
    line = "(CASE WHEN response_kind = 'csv' THEN response_csv[1] ELSE response_rows[1] END)"
    share = f"len({line}) // len(request_rows)"
    fits = f"len({line}) % len(request_rows) = 0 AND {share} {'>=' if placed else '='} {width}"
    if placed:
        fits += " AND response_kind = 'csv'"
    picked = by_position("one", wanted, len(model.output.classes))
    parts = rows_of_list(line, share)
    rows = parts if picked == "one" else f"list_transform({parts}, lambda one: {picked})"
    one_line = "len(request_rows) > 1 AND len(response_rows) = 1"
    return f"CASE WHEN {one_line} THEN CASE WHEN {fits} THEN {rows} ELSE response_rows END ELSE response_rows END"


def _trimmed(column: str) -> str:
    """Return SQL for rows of values without surrounding spaces; most payloads have none, which is cheap to see."""
    values = "list_transform(one, lambda value: trim(value))"
    spaced = f"list_transform({column}_rows, lambda one: {values})"
    return f"CASE WHEN contains({column}, ' ') THEN {spaced} ELSE {column}_rows END"
