"""The command ``daywatch suite``."""

from __future__ import annotations

import json

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption


def suite(model: ModelOption) -> None:
    """Write a model's expectations to include/suites for editing. Prints the path of the file."""
    with command_deployment() as deployment, progress(f"{model}: suite"):
        from daywatch.artifacts import BaselineFolder
        from daywatch.config.loading.load import find_model
        from daywatch.storage import open_storage
        from daywatch.validation.edited import suite_file
        from daywatch.validation.in_force import suite_in_force
        from daywatch.validation.suite import write_suite
        from daywatch.warehouse.baselines import current_baseline

        folder = BaselineFolder(model, current_baseline(deployment.warehouse_url, model))
        suggested = json.loads(open_storage(deployment.artifacts_uri, deployment).read(folder.suite))
        path = suite_file(deployment.suites, model)
        write_suite(path, suite_in_force(suggested, find_model(model, deployment.models), deployment))
    out.print(str(path))
