"""One Airflow DAG ``retrain__<model>`` for each model with a trainer: train a new version."""

from __future__ import annotations

from daywatch.orchestration.dags.retrain import retrain
from daywatch.orchestration.models import dags_of_models

globals().update(dags_of_models(retrain))
