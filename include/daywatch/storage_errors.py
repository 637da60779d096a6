"""What the errors of obstore mean: one sentence each, and whether a retry helps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from daywatch.config.deployment.secrets import hidden, shown_cause
from daywatch.engine.failures import failure
from daywatch.errors import InfrastructureError, SetupError

_STATUS = re.compile(r"Server returned non-2xx status code: (\d{3})\b")
_CODE = re.compile(r"<Code>(\w+)</Code>|\(code: (\w+)\)")
_NO_BUCKET = "<Code>NoSuchBucket</Code>"
_CLOCKS_DIFFER = "RequestTimeTooSkewed"
_REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")
"""S3's error codes for a key that it does not accept (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""


@contextmanager
def storage_errors(action: str, uri: str, secrets: frozenset[str], conn_id: str) -> Iterator[None]:
    """Raise what a store reports as an error of Daywatch with one sentence; let ``FileNotFoundError`` through.

    Args:
        action: What was tried, as the sentence names it, such as ``read s3://bucket/key``.
        uri: The storage's URI, whose bucket may be missing or closed to the key.
        secrets: What no sentence and no cause may show.
        conn_id: The id of the connection, which a person has to check.

    Raises:
        FileNotFoundError: There is no such object.
        SetupError: The server refuses the key, or the bucket does not exist: a retry would not help.
        InfrastructureError: The store did not answer as it should.
    """
    from obstore.exceptions import BaseError, NotFoundError, PreconditionError

    try:
        yield
    except PreconditionError:
        raise
    except (FileNotFoundError, BaseError) as error:
        answer = str(error).partition("Debug source:")[0]
        cause = shown_cause(error, secrets)
        if _NO_BUCKET in answer:
            msg = (
                f"Could not {action}: there is no bucket {_bucket(uri)!r}. Create it, or correct its name; check "
                f"that the Airflow connection {conn_id!r} leads to the right server."
            )
            raise SetupError(msg) from cause
        if isinstance(error, FileNotFoundError | NotFoundError):
            raise FileNotFoundError(hidden(answer, secrets)) from cause
        if _CLOCKS_DIFFER in answer:
            msg = (
                f"Could not {action}: clock skew, the clocks of this machine and of the server differ by more than "
                "15 minutes (RequestTimeTooSkewed). Set this machine's clock, for example by NTP."
            )
            raise InfrastructureError(msg) from cause
        if uri.startswith("s3://") and (refusal := _refusal(error, answer)):
            msg = (
                f"Could not {action}: the server refused it ({refusal}). Check the Airflow connection "
                f"{conn_id!r}: its key and secret, and whether the key may list, read and write in the "
                f"bucket {_bucket(uri)!r}, if that is the bucket's name."
            )
            raise SetupError(msg) from cause
        if not uri.startswith("s3://") and (meant := failure(error, f"To {action}")):
            raise meant from cause
        reason = hidden(answer.splitlines()[0], secrets)[:300]
        msg = f"Could not {action}: {reason} Check that the storage is up and the key may do this."
        raise InfrastructureError(msg) from cause


def _refusal(error: BaseException, answer: str) -> str:
    """Return how an S3 server refused a request, such as ``403 AccessDenied``; empty where it did not.

    obstore has classes of errors for this, but raises its most general one where it lists or deletes.
    """
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    status = _STATUS.search(answer)
    code = _CODE.search(answer)
    named = (code[1] or code[2]) if code else ""
    refused = isinstance(error, PermissionDeniedError | UnauthenticatedError) or named in _REFUSED
    if not refused and not (status and status[1] in ("401", "403")):
        return ""
    return " ".join(part for part in (status[1] if status else "", named) if part) or type(error).__name__


def _bucket(uri: str) -> str:
    """Return the bucket of an S3 URI."""
    return uri.removeprefix("s3://").partition("/")[0]


def other_answer(action: str, expected: str, conn_id: str) -> str:
    """Return the sentence about something else than a storage that answered with 200, such as a proxy.

    Args:
        action: What was tried, as the sentence names it, such as ``read s3://bucket/key``.
        expected: What the answer should have been, such as ``a listing``.
        conn_id: The id of the connection, which a person has to check.
    """
    return (
        f"Could not {action}: the server answered, but not with {expected}. Check endpoint_url in the Airflow "
        f"connection {conn_id!r}, and whether a proxy before the storage answers with a page of its own, such "
        "as a login."
    )
