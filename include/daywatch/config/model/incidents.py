"""The section ``incidents``: which bad verdicts are one incident."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from daywatch.config.base import Frozen, one_line


class Incidents(Frozen):
    """Which bad verdicts are one incident.

    Attributes:
        reopen_within: A cause that comes back after at most so many windows reopens its incident.
        grey: Whether missing evidence is an incident too.
        feed: Name of the feed that the features come from; models with the same feed share the incidents of its
            columns. Empty for the folder of the captures.
    """

    reopen_within: int = Field(default=7, ge=0, le=366)
    grey: bool = False
    feed: Annotated[str, Field(max_length=250), AfterValidator(one_line)] = ""
