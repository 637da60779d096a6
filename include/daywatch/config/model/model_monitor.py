"""The section ``model_monitor``: a window's results for readers of SageMaker Model Monitor's."""

from __future__ import annotations

from daywatch.config.base import Frozen


class ModelMonitor(Frozen):
    """What is written as Model Monitor writes it.

    Attributes:
        files: Whether a window's folder has ``constraint_violations.json``, ``statistics.json`` and
            ``constraints.json``.
    """

    files: bool = False
