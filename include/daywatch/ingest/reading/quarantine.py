"""Why a record goes to quarantine: the reason codes, and SQL that picks the first one that applies."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from daywatch.engine.duck import text


class Reason(StrEnum):
    """The reason codes. A record has one; the sentence next to it says what was found."""

    NOT_UTF8 = "not_utf8"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    BROKEN_GZIP = "broken_gzip"
    NOT_JSON = "not_json"
    NOT_A_CAPTURE = "not_a_capture"
    NUL_CHARACTER = "nul_character"
    NO_TIME = "no_time"
    MISPLACED = "misplaced"
    ENCODING = "encoding"
    NOT_BASE64 = "not_base64"
    NOT_PAYLOAD_JSON = "not_payload_json"
    NO_INPUT = "no_input"
    NOT_A_TABLE = "not_a_table"
    NO_COLUMN = "no_column"
    NOT_A_MANIFEST = "not_a_manifest"
    NO_FILE = "no_file"
    NOT_CSV = "not_csv"
    ROWS_DIFFER = "rows_differ"
    VALUE_COUNT = "value_count"
    NOT_A_NUMBER = "not_a_number"
    NO_PREDICTION = "no_prediction"
    DUPLICATE = "duplicate"
    NO_LABEL = "no_label"
    UNMAPPED_LABEL = "unmapped_label"
    UNREADABLE = "unreadable"


class Rule(NamedTuple):
    """One way in which a record can be unreadable.

    Attributes:
        condition: SQL that is true where the rule applies; ``false`` for a rule that never does.
        reason: The reason code where it applies.
        detail: SQL for the sentence that says what was found and what was expected.
    """

    condition: str
    reason: Reason
    detail: str


def first_reason(rules: Sequence[Rule]) -> str:
    """Return SQL for the reason code of the first rule that applies, NULL where none does."""
    return _first([(rule.condition, text(rule.reason)) for rule in rules])


def first_detail(rules: Sequence[Rule]) -> str:
    """Return SQL for the sentence of the first rule that applies, NULL where none does."""
    return _first([(rule.condition, rule.detail) for rule in rules])


def _first(cases: list[tuple[str, str]]) -> str:
    """Return SQL for the value of the first condition that is true."""
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases if condition != "false")
    return f"CASE {whens} END" if whens else "NULL::VARCHAR"
