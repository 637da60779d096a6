"""What the errors of Amazon's services mean: a later try may help, or a person has to do something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from daywatch.errors import InfrastructureError, SetupError

_PASSING = (
    "Throttl",
    "InternalError",
    "InternalFailure",
    "InternalServiceFault",
    "ServiceUnavailable",
    "RequestTimeout",
)
"""How the codes of errors begin that a later try may not meet."""


@contextmanager
def aws_errors(service: str, action: str, remedy: str) -> Iterator[None]:
    """Raise what an AWS client reports as an error of Daywatch with one sentence, without the server's own words.

    Args:
        service: Name of the service.
        action: What it was asked to take, such as ``metrics``.
        remedy: What to do where it refuses, as a sentence.

    Raises:
        SetupError: AWS refuses for good.
        InfrastructureError: AWS did not answer, or refuses for now.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        msg = f"{service} refused {action}: {code or status}. {remedy}"
        passing = code.startswith(_PASSING) or status >= 500
        raise (InfrastructureError if passing else SetupError)(msg) from None
    except BotoCoreError as error:
        msg = f"{service} did not answer to {action}: {type(error).__name__}."
        raise InfrastructureError(msg) from None
