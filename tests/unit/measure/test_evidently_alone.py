"""Evidently's global state: one thread at a time, and as before afterwards."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from daywatch.measure.evidently_alone import evidently_alone


def test_evidently_alone_leaves_global_state_as_it_was() -> None:
    np.random.seed(7)
    first = np.random.random()
    np.random.seed(7)
    filters = list(warnings.filters)

    def fails() -> None:
        with evidently_alone():
            np.random.random(5)
            warnings.warn("not shown", stacklevel=1)
            raise ValueError

    with pytest.raises(ValueError, match="^$"):
        fails()
    assert np.random.random() == first
    assert warnings.filters == filters
    with evidently_alone():  # (the lock is free again)
        pass
