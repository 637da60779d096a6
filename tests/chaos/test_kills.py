"""A run is killed with -9 before and after each thing that it does outside; the next run makes the day whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from faults import Fault, Kind
from forked import killed_when
from red_day import STAGES, WITHOUT_MEASURING, run_stages

from .site import Outcome, Site

BEFORE, AFTER = Kind.STALL, Kind.SILENT
"""The request does not reach the server, or the server has done it and its answer does not come."""

EXPORTED = ("suite.json", "export.json", "inferences.parquet", "quarantine.parquet", "operations.parquet")
MEASURED = (
    "validation.json",
    "great_expectations.json",
    "measurement.json",
    "slow.json",
    "history.json",
    "profile.json",
    "slice_profiles.json",
    "profile_drift.json",
    "evidently.html",
    "evidently.json",
)
"""What the two long stages write."""

REPORTED = ("verdict.json", "report.json", "report.html", "report.txt", "mail.json")
TRAINED = ("held_back.parquet", "majority.json", "evaluation.json")
ARTIFACTS = (*EXPORTED, *MEASURED, *REPORTED, *TRAINED)


COMMITS = {
    "storing the rows": b"INSERT INTO verdict",
    "deciding on retraining": b"INSERT INTO retraining",
    "deciding on the mail": b"SET claimed_until=",
    "remembering the mail": b"SET recipients=",
    "storing the version": b"INSERT INTO model_version",
}
MAILING = {
    "greeting": rb"^ehlo",
    "sender": rb"^mail FROM",
    "recipient": rb"^rcpt TO",
    "data": rb"^data",
    "end of data": rb"\r\n\.\r\n$",
    "goodbye": rb"^quit",
}

SHORT = {
    ("s3", "inferences.parquet", AFTER),
    ("postgres", "storing the rows", BEFORE),
    ("smtp", "recipient", AFTER),
}


def cases() -> list[object]:
    """Return each point with its time, alternately before and after, both where a transaction or a mail ends."""
    both, points = (BEFORE, AFTER), []
    for number, name in enumerate(ARTIFACTS):
        pattern = b"^PUT /daywatch-artifacts/shop/[^ ]*/" + name.replace(".", r"\.").encode()
        points.append(("s3", name, Fault(both[(number + 1) % 2], pattern)))
    points += [
        ("postgres", name, Fault(kind, b"COMMIT", after=after))
        for name, after in COMMITS.items()
        for kind in both
    ]
    for name, pattern in MAILING.items():
        points += [
            ("smtp", name, Fault(kind, pattern)) for kind in (both if name == "end of data" else both[1:])
        ]
    return [
        pytest.param(
            server,
            fault,
            id=f"{'before' if fault.kind is BEFORE else 'after'} {name}",
            marks=[] if (server, name, fault.kind) in SHORT else [pytest.mark.long],
        )
        for server, name, fault in points
    ]


@pytest.mark.parametrize(("server", "planned"), cases())
def test_a_killed_run(
    site: Site, check_whole: Callable[..., None], server: str, planned: Fault, request: pytest.FixtureRequest
) -> None:
    measuring = request.node.callspec.id.split()[-1] in MEASURED
    stages = STAGES if measuring else WITHOUT_MEASURING
    site.put_back(*stages)
    fault = replace(planned)
    site.plan(server, fault)

    def come() -> bool:
        return (fault.struck if fault.kind is BEFORE else fault.done) == 1

    killed_when(come, run_stages, site.environment, stages, site.begun())
    site.heal()
    errors = site.run_until_done(*stages)

    assert errors == []
    # Between the server's taking the mail and the note of it nobody can know.
    unsaid = fault.kind is AFTER and fault.pattern in (MAILING["end of data"], MAILING["goodbye"])
    unsaid = unsaid or (fault.after, fault.kind) == (COMMITS["remembering the mail"], BEFORE)
    check_whole(f"kill -9 {request.node.callspec.id}", errors, 2 if unsaid else 1)


def test_the_points_are_all_artifacts(undisturbed: Outcome) -> None:
    written = {PurePosixPath(key).name for key in undisturbed.artifacts if "/baselines/" not in key}
    assert written - set(ARTIFACTS) == set()
