"""Known answers: requests that the endpoint is sent on purpose, and whose answers must never change."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from daywatch.config.base import Frozen


class Absent(StrEnum):
    """What it means that a window holds no request of a case; never that all is well."""

    NOT_EVALUATED = "not_evaluated"
    FAILED = "failed"


class KnownAnswers(Frozen):
    """Where the cases are, and how strictly they are taken.

    Attributes:
        file: JSON Lines beside the model's YAML.
        tolerance: By how much a number of the answer may differ.
        absent: What it means that no request of a case was captured.
    """

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.jsonl$")]
    tolerance: float = Field(default=1e-6, ge=0, allow_inf_nan=False)
    absent: Absent = Absent.NOT_EVALUATED
