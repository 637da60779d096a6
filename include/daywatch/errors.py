"""Every error Daywatch raises, grouped by cause.

Bad data is a verdict and never an exception; what is raised here is a wrong configuration, a missing
piece of setup, or infrastructure that did not answer. Only the last of these is worth a retry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class DaywatchError(Exception):
    """Base of all errors; its text is one or more sentences a stranger understands."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by constructor arguments, because Airflow carries errors between processes."""
        return (type(self), self.args)


@dataclass(frozen=True)
class Problem:
    """One mistake in a configuration file.

    Attributes:
        file: Path as the reader knows it, relative to the project where possible.
        line: 1-based line of the mistake, 0 where the file as a whole is meant.
        where: Dotted path of the key, such as ``plan.rules[0].metric``.
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
    """A model's YAML, or the deployment's settings, cannot be used; all mistakes at once.

    Attributes:
        problems: The mistakes, in file order.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class SetupError(DaywatchError):
    """Something a person has to do first was not done: no baseline, no connection, no migration."""


class InfrastructureError(DaywatchError):
    """S3, the warehouse or the mail server did not answer as it should; a later try may succeed."""


class AccountingError(DaywatchError):
    """Records read do not equal those exported, quarantined, seen twice and unanswered: a defect of Daywatch."""
