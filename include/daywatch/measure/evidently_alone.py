"""One thread at a time in Evidently, because it uses global state of the process.

Its stat tests permute by NumPy's global generator, and its reports change plotly's defaults. Python's warning
filters, which both set, are global too.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_ALONE = threading.Lock()


@contextmanager
def evidently_alone() -> Iterator[None]:
    """Wait until no other thread is in Evidently, then keep it alone there, silent and with a fixed seed.

    NumPy's global generator and Python's warning filters are as before afterwards. Not reentrant: a function
    that takes the lock calls no other one that does.
    """
    import numpy as np

    with _ALONE:
        state = np.random.get_state()
        np.random.seed(0)
        try:
            # NumPy's own switch, too: another thread may set Python's warning filters in the meantime.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # constant columns and tiny samples: the findings say so
                yield
        finally:
            np.random.set_state(state)
