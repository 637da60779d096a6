"""The text of the proposed YAML: a comment for each guess."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from daywatch.adopt.features import ProposedFeature
from daywatch.adopt.guesses import Section

_WIDEST = 1 << 30


def yaml_lines(
    head: Iterable[tuple[str, Any, str]],
    features: Iterable[ProposedFeature],
    sections: Iterable[tuple[str, Section]],
) -> Iterator[str]:
    """Yield the lines of the YAML.

    Args:
        head: Keys of the model itself, each with its value and a comment.
        features: The features.
        sections: The sections by name.
    """
    for key, value, comment in head:
        yield _line(f"{key}: {_flow(value)}", comment)
    yield ""
    yield "features:"
    for one in features:
        yield _line(f"  - {_flow(one.values)}", one.because)
    for name, section in sections:
        yield ""
        yield f"{name}:"
        for key, value in section.values.items():
            yield _line(f"  {key}: {_flow(value)}", section.because.get(key, ""))


def _line(text: str, comment: str) -> str:
    return f"{text} # {comment}" if comment else text


def _flow(value: Any) -> str:
    """Return a value as YAML on one line, quoted where it has to be."""
    dumped = yaml.safe_dump(
        [value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=_WIDEST
    )
    return dumped.strip()[1:-1]
