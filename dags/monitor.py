"""One Airflow DAG ``monitor__<model>`` for each model: judge the day before, every day."""

from __future__ import annotations

from daywatch.orchestration.dags.monitor import monitor
from daywatch.orchestration.models import dags_of_models

globals().update(dags_of_models(monitor))
