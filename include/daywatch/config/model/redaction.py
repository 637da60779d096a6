"""Which columns are not stored as captured."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from daywatch.config.base import Frozen


class Redaction(Frozen):
    """How columns are redacted before Daywatch stores anything of them.

    Attributes:
        drop: Features that are skipped: none of their values is stored, measured or shown.
        hash: Features of which only a keyed hash (HMAC-SHA256) is stored: equal values stay equal.
        truncate: Features of which only the first characters are stored, and how many.
        key: Id of the Airflow connection whose password is the key of the hash.
    """

    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()
    truncate: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    key: str | None = None

    @model_validator(mode="after")
    def _one_way_each(self) -> Redaction:
        names = self.columns
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            msg = f"expected each column once, but these come twice: {', '.join(doubled)}"
            raise ValueError(msg)
        if bool(self.hash) != bool(self.key):
            msg = (
                "'hash' needs 'key', the Airflow connection whose password is the key, and 'key' needs 'hash'"
            )
            raise ValueError(msg)
        return self

    @property
    def columns(self) -> list[str]:
        """The names of all columns that are not stored as captured."""
        return [*self.drop, *self.hash, *self.truncate]
