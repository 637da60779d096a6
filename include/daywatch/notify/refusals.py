"""What a failed delivery means: an error of the setup, or a server that may accept the mail later."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable, Mapping

from daywatch.config.deployment.connections import SMTP_CONNECTION
from daywatch.errors import DaywatchError, InfrastructureError, SetupError

Answer = tuple[int, bytes | str]
"""Reply code and text of a mail server."""

_LONGEST = 200
"""Characters of a server's text in a sentence."""


def delivery_error(
    error: smtplib.SMTPException | OSError, server: str, sender: str, model: str
) -> DaywatchError:
    """Return the error that says what a failed delivery means.

    A permanent negative reply (RFC 5321, 4.2.1: the first digit is 5) is the same on every try, and so is a
    certificate that nobody vouches for.

    Args:
        error: What the SMTP client raised.
        server: Host and port, for the sentence.
        sender: Address of the sender, for the sentence.
        model: Name of the model whose mail it is; its YAML lists the recipients.

    Returns:
        A ``SetupError`` where only a person can help, else an ``InfrastructureError``: a later try may succeed.
    """
    permanent = _is_permanent(error)
    sentence = f"The mail server {server} {_cause(error, sender, model)}"
    return SetupError(sentence) if permanent else InfrastructureError(sentence)


def _cause(error: smtplib.SMTPException | OSError, sender: str, model: str) -> str:
    """Return the rest of a sentence that begins with the server: what it did, and what to look at."""
    connection = f"the connection {SMTP_CONNECTION!r}"
    match error:
        case smtplib.SMTPRecipientsRefused():
            listed = ", ".join(f"{name} ({answer})" for name, answer in answers(error.recipients))
            return f"accepted no recipient: {listed}. Check 'contacts' in include/models/{model}.yaml."
        case smtplib.SMTPAuthenticationError():
            # Without the server's text: nobody knows what it repeats of a login.
            check = f"Check login, password and 'auth_type' of {connection}."
            return f"refused the login with {error.smtp_code}. {check}"
        case smtplib.SMTPSenderRefused():
            check = f"Check 'from_email' in the extra of {connection}, and its login."
            return f"refused the sender {sender}: {_answer(error)}. {check}"
        case smtplib.SMTPDataError():
            check = f"Ask its administrator, or name another server in {connection}."
            return f"refused the mail: {_answer(error)}. {check}"
        case smtplib.SMTPResponseException():
            check = f"Check host, port and 'disable_tls' of {connection}."
            return f"refused the session: {_answer(error)}. {check}"
    cause = _one_line(str(error)).rstrip(".") or type(error).__name__
    keys = f"host, port, login, 'disable_ssl', 'disable_tls' and 'ssl_context' of {connection}"
    return f"did not take the mail: {cause}. Check that it is up, and {keys}."


def answers(refused: Mapping[str, Answer]) -> tuple[tuple[str, str], ...]:
    """Return each refused recipient with the server's answer, such as ``550 no such user``, by address."""
    return tuple((name, f"{code} {_one_line(text)}") for name, (code, text) in sorted(refused.items()))


def _is_permanent(error: Exception) -> bool:
    """Return whether every other try would end the same way."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(_is_5xx(code) for code, _ in error.recipients.values())
        case smtplib.SMTPResponseException():
            return _is_5xx(error.smtp_code)
        case ssl.SSLError():
            return isinstance(error, ssl.SSLCertVerificationError) or error.reason == "WRONG_VERSION_NUMBER"
    return isinstance(error, smtplib.SMTPNotSupportedError)


def for_now(refused: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the recipients whom a server refused for now (RFC 5321, 4.2.1: the first digit is 4)."""
    return tuple((name, answer) for name, answer in refused if answer.startswith("4"))


def _is_5xx(code: int) -> bool:
    return 500 <= code <= 599


def _answer(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_one_line(error.smtp_error)}".rstrip(".")


def _one_line(text: bytes | str) -> str:
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(decoded.split())[:_LONGEST]
