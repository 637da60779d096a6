"""Settings for the service around the model: slow answers and missing captures."""

from __future__ import annotations

from pydantic import Field

from daywatch.config.base import Frozen


class Operations(Frozen):
    """Settings for the latency of answers.

    Attributes:
        slow_ms: Milliseconds above which an answer counts as slow; None: no answer does.
    """

    slow_ms: float | None = Field(default=None, gt=0)


class CaptureHealth(Frozen):
    """When captures look incomplete.

    Attributes:
        volume_fall: Fall in records against the same weekday, as a share, from which on it is a finding.
    """

    volume_fall: float = Field(default=0.5, gt=0, le=1)
