"""Quality of a regression on labelled rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier

if TYPE_CHECKING:
    from daywatch.measure.classification import Measure
    from daywatch.measure.tables import Side, Tables


def regression_quality(tables: Tables, side: Side) -> dict[str, Measure]:
    """Return the errors of prediction minus label over rows where both are finite.

    ``me``, ``mae`` and ``rmse`` are in the label's unit, ``mape`` is a share (0.1 is 10 %) over rows whose
    label is not 0, ``r2`` is 1 - SSE / SST.
    """
    import numpy as np

    frame = tables.frame(
        f"SELECT label, prediction FROM {identifier(side)} WHERE isfinite(label) AND isfinite(prediction)"
    )
    label = frame["label"].to_numpy(dtype="float64")
    error = frame["prediction"].to_numpy(dtype="float64") - label
    if not len(frame):
        reason = "no row has both a finite label and a finite prediction"
        return dict.fromkeys(("me", "mae", "rmse", "mape", "r2"), (None, reason))
    with np.errstate(all="ignore"):
        counted = label != 0
        zeros = len(label) - int(counted.sum())
        spread = float(np.square(label - label.mean()).sum())
        left_out = f"{zeros:,} rows with label 0 are left out" if zeros else ""
        return {
            "me": _finite(error.mean()),
            "mae": _finite(np.abs(error).mean()),
            "rmse": _finite(np.sqrt(np.square(error).mean())),
            "mape": _finite(np.abs(error[counted] / label[counted]).mean(), left_out)
            if counted.any()
            else (None, "every label is 0"),
            "r2": _finite(1 - float(np.square(error).sum()) / spread)
            if spread
            else (None, "all labels are the same"),
        }


def _finite(value: float, note: str = "") -> Measure:
    number = float(value)
    return (number, note) if math.isfinite(number) else (None, "the values are too large to compute with")
