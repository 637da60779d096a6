"""One Airflow DAG ``baseline__<model>`` for each model: build and freeze its baseline."""

from __future__ import annotations

from daywatch.orchestration.dags.baseline import baseline
from daywatch.orchestration.models import dags_of_models

globals().update(dags_of_models(baseline))
