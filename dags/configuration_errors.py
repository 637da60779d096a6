"""Makes no DAG: reports errors in the models' YAML files as an import error, where Airflow shows such errors.

The other DAG files leave out a model whose file has errors, and make the DAGs of all other models.
"""

from __future__ import annotations

import os

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_models

load_models(read_settings(os.environ).models)
