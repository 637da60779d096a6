"""Known answers: requests that a team sends on purpose, and whose answers must never change."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from daywatch.config.base import Frozen, shaped


class Absent(StrEnum):
    """The outcome of a case without a request in the window; it never counts as passed."""

    NOT_EVALUATED = "not_evaluated"
    FAILED = "failed"


class KnownAnswers(Frozen):
    """The file of the cases, and how strictly they are compared.

    Attributes:
        file: Name of a JSON Lines file next to the model's YAML.
        tolerance: Largest difference of a number in the answer.
        absent: The outcome of a case without a captured request.
    """

    file: Annotated[
        str,
        shaped(
            r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.jsonl",
            "a file beside this one, such as 'shop_answers.jsonl'",
        ),
    ]
    tolerance: float = Field(default=1e-6, ge=0, allow_inf_nan=False)
    absent: Absent = Absent.NOT_EVALUATED
