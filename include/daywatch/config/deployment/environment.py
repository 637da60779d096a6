"""The environment of the command line: the process's own, and what the local stack wrote beside the clone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import PROJECT, Deployment, deployment_from

STACK_FILE = PROJECT / ".daywatch" / "env"
"""Written by `make demo`, so that the command line works on its stack without setting anything."""


def command_line_deployment(environment: Mapping[str, str], stack_file: Path = STACK_FILE) -> Deployment:
    """Return the deployment that the command line works on.

    Args:
        environment: The process's; what stands in it wins.
        stack_file: A dotenv file; one that is not there counts as empty.

    Raises:
        SetupError: A variable cannot be used as it is written.
    """
    from dotenv import dotenv_values

    beside = {name: value for name, value in dotenv_values(stack_file).items() if value is not None}
    both = {**beside, **environment}
    return deployment_from(both, connections_from_environment(both))
