"""Makes no DAG: reports why models have no DAGs as an import error, where Airflow shows such errors.

The other DAG files leave out a model whose DAG cannot be made, and make the DAGs of all other models.
"""

from __future__ import annotations

from daywatch.errors import ConfigurationError
from daywatch.orchestration.dags.baseline import baseline
from daywatch.orchestration.dags.monitor import monitor
from daywatch.orchestration.dags.reevaluate import reevaluate
from daywatch.orchestration.dags.retrain import retrain
from daywatch.orchestration.models import dag_errors

if errors := dag_errors((monitor, baseline, reevaluate, retrain)):
    raise ConfigurationError(errors)
