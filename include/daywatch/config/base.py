"""The base of all configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the configuration: frozen, and unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
