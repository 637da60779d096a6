"""All errors that Daywatch raises, grouped by cause.

Bad data leads to a verdict and never to an exception. These errors mean a wrong configuration, a missing piece of
setup, or infrastructure that did not answer. Only the last is worth a retry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class DaywatchError(Exception):
    """Base of all errors; its text is one or more sentences that a newcomer understands."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the constructor's arguments, because Airflow passes errors between processes."""
        return (type(self), self.args)


@dataclass(frozen=True)
class Problem:
    """One error in a configuration file.

    Attributes:
        file: Path of the file, relative to the working folder where possible.
        line: Line of the error, from 1; 0 for the file as a whole.
        where: Dotted path of the key, such as ``plan.rules[0].metric``; empty for the file as a whole.
        message: What is wrong, what was expected, what to do.
    """

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class ConfigurationError(DaywatchError):
    """A model's YAML, its known answers or its edited suite has errors; all of them at once.

    Attributes:
        problems: The errors, in the order of the file.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class SetupError(DaywatchError):
    """A person has to do something first: build a baseline, correct a connection, migrate the warehouse."""


class TrainerError(SetupError):
    """A trainer failed, or needed more memory or time than it may."""


class SchemaError(SetupError):
    """The warehouse has no tables yet, or those of another version; its text names no address and no login."""


class InfrastructureError(DaywatchError):
    """S3, the warehouse or the mail server did not answer; a later try may succeed."""


class AccountingError(DaywatchError):
    """The records that were read are not all exported, quarantined, duplicate, unanswered or filtered: a defect."""


class ArtifactError(DaywatchError):
    """A file that Daywatch itself wrote cannot be read: a defect, or somebody changed the file."""
