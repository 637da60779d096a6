"""Custom metrics: aggregate expressions that rules can name."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from daywatch.config.base import Frozen, shaped

_LABEL = re.compile(r"\blabel\b", re.IGNORECASE)


class CustomMetric(Frozen):
    """A metric that people define.

    Attributes:
        name: Its name in rules and in the warehouse.
        expression: An aggregate expression on the rows, in DuckDB's SQL.
    """

    name: Annotated[
        str, shaped(r"[a-z][a-z0-9_]{0,59}", "lower-case letters, digits and '_', such as 'approval_rate'")
    ]
    expression: Annotated[str, Field(min_length=1, max_length=2000)]

    @property
    def needs_labels(self) -> bool:
        """Whether it is of labelled rows only: its expression names the label."""
        return bool(_LABEL.search(self.expression))

    @property
    def method(self) -> str:
        """How it is computed, for the warehouse."""
        return "custom, of labelled rows" if self.needs_labels else "custom"
