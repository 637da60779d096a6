"""Refuse secrets: everybody who may read the warehouse sees what is registered."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = re.compile(r"secret|passw|passphrase|\bpwd\b|_pwd|token|key|credential", re.IGNORECASE)
_VALUES = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a token": re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|hf_|pypi-)[A-Za-z0-9_-]{16,}"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\."),
    "a login": re.compile(r"^(?:Bearer|Basic) \S{8,}", re.IGNORECASE),
    "an address with a password": re.compile(r"://[^/\s:@]*:[^/\s@]+@"),
    "a signed address": re.compile(r"[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig)=", re.IGNORECASE),
}
_RANDOM = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")


def check_environment(environment: Mapping[str, str]) -> None:
    """Refuse environment variables whose name or value looks like a secret.

    Args:
        environment: Values by variable name.

    Raises:
        ValueError: With the variable's name and never its value.
    """
    for name, value in environment.items():
        if found := _NAMES.search(name):
            msg = (
                f"The environment variable {name} is refused: a name with '{found.group().lower()}' holds a secret, "
                "and what is registered can be read by all. Leave it out."
            )
            raise ValueError(msg)
        check_value(f"The environment variable {name}", value)


def check_value(what: str, value: str) -> None:
    """Refuse a value that looks like a secret.

    Args:
        what: What the value is of, for the sentence.
        value: The value; the sentence does not repeat it.

    Raises:
        ValueError: The value looks like a key.
    """
    kinds = [kind for kind, pattern in _VALUES.items() if pattern.search(value)]
    if not kinds and _looks_random(value):
        kinds = ["a key"]
    if kinds:
        msg = (
            f"{what} is refused: its value looks like {kinds[0]}, and what is registered can be read by all. "
            "Leave it out."
        )
        raise ValueError(msg)


def _looks_random(value: str) -> bool:
    """Return whether a value is one long word of capital letters, small letters and digits, as keys are.

    Paths and hexadecimal digests are not.
    """
    if value.startswith("/") or not _RANDOM.fullmatch(value):
        return False
    return all(re.search(pattern, value) for pattern in ("[A-Z]", "[a-z]", "[0-9]"))
