"""How the service beside the model is looked at: slow answers, and captures that stay away."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Operations(BaseModel):
    """How the service's own numbers are read.

    Attributes:
        slow_ms: An answer that took longer than this many milliseconds is slow; None: none is called slow.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slow_ms: float | None = Field(default=None, gt=0)


class CaptureHealth(BaseModel):
    """When captures look incomplete.

    Attributes:
        volume_fall: From this fall in records against the same weekday on, as a share, it is a finding.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    volume_fall: float = Field(default=0.5, gt=0, le=1)
