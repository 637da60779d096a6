"""One Airflow DAG ``reevaluate__<model>`` for each model: judge windows again whose evidence came late."""

from __future__ import annotations

from daywatch.orchestration.dags.reevaluate import reevaluate
from daywatch.orchestration.models import dags_of_models

globals().update(dags_of_models(reevaluate))
