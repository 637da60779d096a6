"""Imported by Airflow's fork server, so that the tasks forked from it have all libraries from the start.

Name it in ``[core] mp_forkserver_preload``, with ``[scheduler] mp_start_method = forkserver``. Nothing else may
import it: importing is all that it does.
"""

from __future__ import annotations

import gc

from daywatch.orchestration.preload import AIRFLOW, LIBRARIES, preload

preload(LIBRARIES + AIRFLOW)
gc.freeze()  # or the first collection in a task would copy the pages that it shares with all others
