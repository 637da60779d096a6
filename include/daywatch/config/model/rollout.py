"""The section ``rollout``: two versions that serve at once, and when the new one is good enough."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from daywatch.config.base import Frozen


def _as_text(value: Any) -> Any:
    """Return a version as captures name it: YAML reads 2 as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Version = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=250)]


class Rollout(Frozen):
    """Two versions that serve at once, such as in a canary release.

    Attributes:
        champion: The version in production, as the captures name it.
        candidate: The version that is to take its place.
        metric: The metric in which they are compared.
        margin: How much worse the candidate may be, in the metric's own unit.
        minimum_rows: Number of labelled rows that each version needs.
        days: Number of judged windows that count, this one last.
    """

    champion: Version
    candidate: Version
    metric: str
    margin: float = Field(ge=0, allow_inf_nan=False)
    minimum_rows: int = Field(default=200, ge=2)
    days: int = Field(default=7, ge=1, le=92)

    @model_validator(mode="after")
    def _two_versions(self) -> Rollout:
        if self.champion == self.candidate:
            msg = f"expected two versions, but champion and candidate are both {self.champion!r}"
            raise ValueError(msg)
        return self
