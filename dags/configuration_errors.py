"""Makes no DAG: reports why models have no DAGs as an import error, where Airflow shows such errors.

`dags/models.py` leaves out what cannot be made of a model, and makes the DAGs of all other models.
"""

from __future__ import annotations

from daywatch.errors import ConfigurationError
from daywatch.orchestration.dags.kinds import KINDS
from daywatch.orchestration.models import dag_errors

if errors := dag_errors(KINDS):
    raise ConfigurationError(errors)
