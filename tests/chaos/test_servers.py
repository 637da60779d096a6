"""Each server fails in the middle of a day: the day is run again, and nobody can see it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from daywatch.errors import DaywatchError, InfrastructureError, SetupError
from daywatch.warehouse import database
from faults import Fault, Kind
from http_answers import HTML, s3_error
from red_day import STAGES, WITHOUT_MEASURING

from .site import Site

LISTING = rb"^GET /daywatch-data/?\?[^ ]*shop-endpoint"
CAPTURES = rb"^GET /daywatch-data/shop-endpoint/"
LABELS = rb"^GET /daywatch-data/shop-truth/"
BASELINE = rb"^GET /daywatch-artifacts/shop/baselines/[^ ]*/suite\.json"
REFERENCE = rb"^GET /daywatch-artifacts/shop/baselines/[^ ]*/inferences\.parquet"
READING = rb"^GET /daywatch-artifacts/shop/windows/[^ ]*/measurement\.json"
WRITING = rb"^PUT /daywatch-artifacts/shop/windows/[^ ]*/inferences\.parquet"

REQUESTS = {
    "listing captures": LISTING,
    "reading captures": CAPTURES,
    "reading labels": LABELS,
    "reading the suite": BASELINE,
    "reading the baseline's rows": REFERENCE,
    "reading an artifact": READING,
    "writing an artifact": WRITING,
}

FAULTS = {
    "500": (Kind.ANSWER, s3_error("500 Internal Server Error", "InternalError")),
    "503": (Kind.ANSWER, s3_error("503 Slow Down", "SlowDown")),
    "429": (Kind.ANSWER, s3_error("429 Too Many Requests", "TooManyRequests")),
    "403": (Kind.ANSWER, s3_error("403 Forbidden", "AccessDenied")),
    "HTML with 200": (Kind.ANSWER, HTML),
    "reset": (Kind.RESET, b""),
    "stall": (Kind.STALL, b""),
    "half a body": (Kind.HALF, b""),
    "lost answer": (Kind.LOST, b""),
}

Check = Callable[..., None]


@dataclass(frozen=True)
class Case:
    """A fault of one server.

    Attributes:
        fault: What the table calls it.
        server: ``s3``, ``postgres`` or ``smtp``.
        planned: What strikes.
        errors: How the runs end that it ends.
        mails: How often the mail arrives; more than once where the server took a mail and could not say so.
        long: Whether only ``make test-chaos`` runs it.
        stages: The stages to run; the others stay as they were.
    """

    fault: str
    server: str
    planned: Fault
    errors: tuple[type[DaywatchError], ...] = (InfrastructureError,)
    mails: int = 1
    long: bool = True
    stages: tuple[str, ...] = WITHOUT_MEASURING


def s3(
    request: str,
    fault: str,
    errors: tuple[type[DaywatchError], ...],
    times: int | None = None,
    *,
    long: bool = True,
) -> Case:
    kind, answer = FAULTS[fault]
    often = "once" if times == 1 else "until the run ends"
    planned = Fault(kind, REQUESTS[request], answer, times=times)
    stages = STAGES if request == "reading the baseline's rows" else WITHOUT_MEASURING
    return Case(f"S3, {request}: {fault}, {often}", "s3", planned, errors, long=long, stages=stages)


TRIED_AGAIN = [
    # The storage's client tries again by itself.
    *(
        s3("listing captures", fault, (), 1)
        for fault in ("500", "503", "429", "reset", "stall", "lost answer")
    ),
    *(s3("reading captures", fault, (), 1) for fault in ("500", "reset", "stall")),
    s3("reading captures", "503", (), 1, long=False),
    *(s3("writing an artifact", fault, (), 1) for fault in ("500", "503", "reset", "stall")),
    s3("writing an artifact", "lost answer", (), 1, long=False),
]
FOR_LONGER = [
    *(
        s3(request, fault, (InfrastructureError,))
        for request in ("listing captures", "reading captures", "writing an artifact")
        for fault in ("500", "429", "HTML with 200", "reset", "lost answer")
    ),
    *(
        s3(request, fault, (InfrastructureError,))
        for request in (
            "reading labels",
            "reading the suite",
            "reading the baseline's rows",
            "reading an artifact",
        )
        for fault in ("503", "HTML with 200", "half a body")
    ),
    s3("listing captures", "half a body", (InfrastructureError,)),
    s3("reading captures", "half a body", (InfrastructureError,), long=False),
    s3("reading captures", "stall", (InfrastructureError,)),
    s3("listing captures", "403", (SetupError,)),
    s3("reading captures", "403", (SetupError,), long=False),
    s3("reading an artifact", "403", (SetupError,)),
    s3("writing an artifact", "403", (SetupError,)),
]

RECORDED, MAIL_CLAIMED, MAIL_REMEMBERED = b"INSERT INTO verdict", b"SET claimed_until=", b"SET recipients="
COMMIT = b"COMMIT"

POSTGRESQL = [
    Case("PostgreSQL, connecting: reset", "postgres", Fault(Kind.RESET, b"daywatch", times=None)),
    Case("PostgreSQL, connecting: stall", "postgres", Fault(Kind.STALL, b"daywatch", times=None)),
    Case("PostgreSQL, storing rows: reset", "postgres", Fault(Kind.RESET, RECORDED)),
    Case("PostgreSQL, storing rows: stall", "postgres", Fault(Kind.STALL, RECORDED)),
    Case("PostgreSQL, at COMMIT of the rows: reset", "postgres", Fault(Kind.RESET, COMMIT, after=RECORDED)),
    Case(
        "PostgreSQL, at COMMIT of the rows: lost answer",
        "postgres",
        Fault(Kind.LOST, COMMIT, after=RECORDED),
        long=False,
    ),
    Case(
        "PostgreSQL, at COMMIT of the rows: silence", "postgres", Fault(Kind.SILENT, COMMIT, after=RECORDED)
    ),
    Case(
        "PostgreSQL, deciding on retraining: lost answer",
        "postgres",
        Fault(Kind.LOST, COMMIT, after=b"INSERT INTO retraining"),
    ),
    Case(
        "PostgreSQL, registering the version: lost answer",
        "postgres",
        Fault(Kind.LOST, COMMIT, after=b"INSERT INTO model_version"),
    ),
    Case(
        "PostgreSQL, registering the version: reset",
        "postgres",
        Fault(Kind.RESET, COMMIT, after=b"INSERT INTO model_version"),
    ),
    Case("PostgreSQL, claiming the mail: reset", "postgres", Fault(Kind.RESET, COMMIT, after=MAIL_CLAIMED)),
    Case(
        "PostgreSQL, claiming the mail: lost answer", "postgres", Fault(Kind.LOST, COMMIT, after=MAIL_CLAIMED)
    ),
    Case(
        "PostgreSQL, remembering the mail: reset",
        "postgres",
        Fault(Kind.RESET, COMMIT, after=MAIL_REMEMBERED),
        (),
        long=False,
    ),
    Case(
        "PostgreSQL, remembering the mail: lost answer",
        "postgres",
        Fault(Kind.LOST, COMMIT, after=MAIL_REMEMBERED),
        (),
    ),
]

TAKEN = rb"\r\n\.\r\n$"

SMTP = [
    Case("SMTP, greeting: 421", "smtp", Fault(Kind.ANSWER, rb"^ehlo", b"421 busy\r\n")),
    Case("SMTP, greeting: reset", "smtp", Fault(Kind.RESET, rb"^ehlo")),
    Case("SMTP, naming the sender: stall", "smtp", Fault(Kind.STALL, rb"^mail FROM"), long=False),
    Case("SMTP, naming a recipient: 450", "smtp", Fault(Kind.ANSWER, rb"^rcpt TO", b"450 later\r\n")),
    Case("SMTP, half of the mail: reset", "smtp", Fault(Kind.RESET, rb"^data")),
    Case("SMTP, the mail was taken: lost answer", "smtp", Fault(Kind.LOST, TAKEN), mails=2),
    Case("SMTP, the mail was taken: silence", "smtp", Fault(Kind.SILENT, TAKEN), mails=2),
    Case("SMTP, the mail was taken: reset at QUIT", "smtp", Fault(Kind.RESET, rb"^quit"), ()),
    Case(
        "SMTP, the mail was taken: 421 at QUIT", "smtp", Fault(Kind.ANSWER, rb"^quit", b"421 closing\r\n"), ()
    ),
    Case("SMTP, the mail was taken: stall at QUIT", "smtp", Fault(Kind.STALL, rb"^quit"), ()),
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(replace(case), id=case.fault, marks=[pytest.mark.long] if case.long else [])
        for case in (*TRIED_AGAIN, *FOR_LONGER, *POSTGRESQL, *SMTP)
    ],
)
def test_a_fault_of_a_server(
    site: Site, check_whole: Check, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.server == "postgres" and case.planned.kind in (Kind.STALL, Kind.SILENT):
        monkeypatch.setattr(database, "_LONGEST_TRANSACTION", 5.0)
    site.put_back(*case.stages)
    fault = replace(case.planned)
    site.plan(case.server, fault)

    errors = site.run_until_done(*case.stages)

    assert fault.struck > 0
    assert [type(error) for error in errors] == list(case.errors), errors
    check_whole(case.fault, errors, case.mails)


@pytest.mark.long
@pytest.mark.parametrize("server", ["s3", "postgres", "smtp"])
def test_a_server_that_refuses(site: Site, check_whole: Check, server: str) -> None:
    site.put_back()
    site.proxies[server].refuse()

    errors = site.run_until_done()

    assert [type(error) for error in errors] == [InfrastructureError], errors
    check_whole(f"{server}: connection refused", errors)
