"""What is missing before a model can be judged, each with the command for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.config.loading.load import model_files
from daywatch.errors import ConfigurationError
from daywatch.warehouse import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from daywatch.config.deployment.deployment import Deployment


@dataclass(frozen=True)
class Missing:
    """Something that is missing.

    Attributes:
        what: What it is, as a sentence.
        command: The command that makes it, empty where no command does.
    """

    what: str
    command: str = ""


def configured_models(deployment: Deployment) -> frozenset[str]:
    """Return the names of the models that have a YAML file; none where there is no folder or no file.

    Args:
        deployment: Where the files are.
    """
    try:
        return frozenset(path.stem for path in model_files(deployment.models))
    except ConfigurationError:
        return frozenset()


def missing_parts(connection: sa.Connection, models: Iterable[str]) -> list[Missing]:
    """Return what is missing before the models can be judged for the first time.

    Args:
        connection: Connection to the warehouse.
        models: Models that have a YAML file and no verdict.
    """
    found = []
    table = tables.baseline
    with_baseline = set(connection.execute(table.select().with_only_columns(table.c.model)).scalars())
    for name in sorted(models):
        if name in with_baseline:
            found.append(
                Missing(
                    f"{name} has a baseline and no verdict: its captures are not there yet, or its DAG has not run.",
                    f"daywatch run --model {name} --window <day>",
                )
            )
        else:
            found.append(Missing(f"{name} has no baseline.", f"daywatch baseline --model {name}"))
    return found


NO_MODEL = Missing("No model has a YAML file yet.", "daywatch init --help")
