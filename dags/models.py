"""The DAGs of each model: its monitor, its baseline, the search for late evidence, its retraining.

One file makes them all, because Airflow reads each DAG file in a process of its own: so each YAML is read once.
"""

from __future__ import annotations

from daywatch.orchestration.dags.kinds import KINDS
from daywatch.orchestration.models import dags_of_models

globals().update(dags_of_models(KINDS))
