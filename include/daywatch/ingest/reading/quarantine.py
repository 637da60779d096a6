"""Why a record lands in quarantine."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One reason a record; the sentence beside it says what was found."""

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
    NOT_A_MANIFEST = "not_a_manifest"
    NO_FILE = "no_file"
    NOT_CSV = "not_csv"
    ROWS_DIFFER = "rows_differ"
    VALUE_COUNT = "value_count"
    NOT_A_NUMBER = "not_a_number"
    NO_PREDICTION = "no_prediction"
    DUPLICATE = "duplicate"
    NO_LABEL = "no_label"
    UNREADABLE = "unreadable"
