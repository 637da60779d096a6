"""Makes no DAG: shows the mistakes of the models' YAML files as an import error, where Airflow shows errors.

The other DAG files leave a model out whose file has mistakes, and go on with the rest.
"""

from __future__ import annotations

import os

from daywatch.config.deployment.settings import read_settings
from daywatch.config.loading.load import load_models

load_models(read_settings(os.environ).models)
