"""The secrets of connections, kept out of what Daywatch writes: sentences, logs, mails."""

from __future__ import annotations

import base64
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "***"

_SECRET_NAME = re.compile(r"pass|pwd|secret|token|credential|private|(^|_)key(_|$)|keyfile", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=://)[^/?#\s@]*(?:@[^/?#\s@]*)*@")
"""A login in an address, with its ``@``: ``user:secret@`` in ``https://user:secret@host``."""

_ASSIGNED = re.compile(r"(?:pass\w*|pwd|\w*secret|\w*token)\s*=\s*'?([^\s'&;]+)", re.IGNORECASE)
"""A secret in a list of options: ``-c app.password=planted``."""

_SHORTEST = 3
"""Characters below which a text is not hidden: it would be found in every sentence."""


def without_login(address: str) -> str:
    """Return an address without the login that it may have: ``https://host`` for ``https://user:secret@host``."""
    return _LOGIN.sub("", address)


def secrets_among(password: str, extra: Mapping[str, Any]) -> frozenset[str]:
    """Return the secrets of a connection, in the forms in which they may turn up in a text.

    Args:
        password: Its password, empty for none.
        extra: Its extras, or the parameters of an address.
    """
    return forms_of({password, *_secrets_in(extra)})


def forms_of(secrets: Iterable[str]) -> frozenset[str]:
    """Return secrets as they are, as they stand in an address, and in BASE64, as mail servers repeat them."""
    forms: set[str] = set()
    for secret in secrets:
        encoded = base64.b64encode(secret.encode()).decode()
        forms |= {secret, unquote(secret), quote(secret, safe=""), quote_plus(secret), encoded}
    return frozenset(form for form in forms if len(form) >= _SHORTEST)


def _secrets_in(value: Any, name: str = "") -> Iterator[str]:
    """Yield the secrets in extras: values with a telling name, logins in addresses, options that set one."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secrets_in(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets_in(inner, name)
    elif isinstance(value, str):
        if _SECRET_NAME.search(name):
            yield value
        for login in _LOGIN.findall(value):
            yield login.removesuffix("@").partition(":")[2] or login.removesuffix("@")
        yield from _ASSIGNED.findall(value)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return a text with ``***`` in place of secrets, the longest first."""
    for secret in sorted(secrets, key=lambda one: (-len(one), one)):
        text = text.replace(secret, HIDDEN)
    return without_login(text)


def shown_cause(error: BaseException, secrets: Iterable[str]) -> BaseException | None:
    """Return an error as the cause of another one, None where its traceback would show a secret.

    A log shows causes with all their text, such as the request that a server repeats in its answer.

    Args:
        error: What a library raised.
        secrets: What must not be shown.
    """
    shown = "".join(traceback.format_exception(error))
    return None if any(secret in shown for secret in secrets) or _LOGIN.search(shown) else error
