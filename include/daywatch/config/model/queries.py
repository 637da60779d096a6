"""Queries of databases in the YAML: their parameters, as SQLAlchemy recognises them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


def parameters_in(query: str) -> list[str]:
    """Return the names of the parameters in a query, such as ``window_start`` for ``:window_start``."""
    return _PARAMETER.findall(query)


def check_parameters(query: str, known: Sequence[str]) -> str:
    """Return a query whose parameters are all known.

    Args:
        query: The query.
        known: The names of the parameters that have a value.

    Raises:
        ValueError: It has another one.
    """
    unknown = sorted(set(parameters_in(query)) - set(known))
    if unknown:
        msg = (
            f"the parameters are :{', :'.join(known)}, but the query has :{', :'.join(unknown)} "
            "(write \\: for a colon that starts no parameter)"
        )
        raise ValueError(msg)
    return query
