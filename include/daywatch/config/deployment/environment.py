"""The environment of the command line: that of the process, and the file that the local stack writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.config.deployment.settings import PROJECT

STACK_FILE = PROJECT / ".daywatch" / "env"
"""Written by `make demo`: with it the command line works on the local stack without any setting."""


def command_line_deployment(environment: Mapping[str, str], stack_file: Path = STACK_FILE) -> Deployment:
    """Return the deployment on which the command line works.

    Args:
        environment: The environment of the process; its variables win over those of the file.
        stack_file: A dotenv file; a missing one counts as empty.

    Raises:
        SetupError: A variable cannot be used as it is written.
    """
    from dotenv import dotenv_values

    of_stack = {name: value for name, value in dotenv_values(stack_file).items() if value is not None}
    both = {**of_stack, **environment}
    return deployment_from(both, connections_from_environment(both))
