"""Evidently's global state: one thread at a time, and as before afterwards."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import daywatch

SCRIPT = textwrap.dedent(
    """
    import warnings

    import numpy as np
    from daywatch.measure.evidently_alone import evidently_alone

    np.random.seed(7)
    first = np.random.random()
    np.random.seed(7)
    filters = list(warnings.filters)
    try:
        with evidently_alone():
            np.random.random(5)
            warnings.warn("not shown")
            raise ValueError
    except ValueError:
        pass
    assert np.random.random() == first
    assert warnings.filters == filters
    with evidently_alone():  # the lock is free again
        pass
    """
)


def test_evidently_alone_leaves_global_state_as_it_was() -> None:
    # In a process of its own: reports of other tests may still be plotted here by their threads.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"PYTHONPATH": str(Path(daywatch.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
