"""Which receivers hear of what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from daywatch.alerts.routes import mail_addresses, receivers_of
from daywatch.config.model.model import MonitoredModel
from daywatch.results import State
from daywatch.verdicts import CauseKind
from models import content
from pydantic import ValidationError

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
NIGHT = datetime(2024, 3, 4, 23, 30, tzinfo=UTC)
RECEIVERS = {
    "on_call": {"type": "apprise", "connection": "pager"},
    "data_team": {"type": "mail", "to": ["data@example.com", "team@example.com"]},
}


def model(*routes: dict[str, Any], **changes: Any) -> MonitoredModel:
    alerts = {"receivers": RECEIVERS, "routes": list(routes)}
    given = {"contacts": ["team@example.com"], "tier": 2, **changes}
    return MonitoredModel.model_validate(content(alerts=alerts, **given))


RED_DATA: tuple[Any, ...] = ({State.RED}, {CauseKind.DATA})


def test_without_routes_the_contacts_hear_of_everything() -> None:
    assert receivers_of(model(), {State.GREEN}, set(), NIGHT) == ("contacts",)


@pytest.mark.parametrize(
    ("route", "at", "hears"),
    [
        ({}, NOON, True),
        ({"states": ["RED"]}, NOON, True),
        ({"states": ["AMBER", "GREY"]}, NOON, False),
        ({"tiers": [1]}, NOON, False),
        ({"tiers": [1, 2]}, NOON, True),
        ({"kinds": ["data", "labels"]}, NOON, True),
        ({"kinds": ["service"]}, NOON, False),
        ({"quiet_hours": "22:00-06:00"}, NOON, True),
        ({"quiet_hours": "22:00-06:00"}, NIGHT, False),
        ({"quiet_hours": "23:30-23:31"}, NIGHT, False),
        ({"quiet_hours": "12:01-23:30"}, NIGHT, True),
        ({"states": ["RED"], "tiers": [1]}, NOON, False),
    ],
)
def test_a_route_fits(route: dict[str, Any], at: datetime, hears: bool) -> None:
    assert receivers_of(model({"to": ["on_call"], **route}), *RED_DATA, at) == (("on_call",) if hears else ())


def test_all_routes_that_fit_count_and_each_receiver_once() -> None:
    routed = model({"to": ["on_call", "contacts"], "states": ["RED"]}, {"to": ["contacts", "data_team"]})

    assert receivers_of(routed, *RED_DATA, NOON) == ("on_call", "contacts", "data_team")
    assert mail_addresses(routed, ("on_call", "contacts", "data_team")) == (
        "team@example.com",
        "data@example.com",
    )
    assert mail_addresses(routed, ("on_call",)) == ()


@pytest.mark.parametrize(
    ("alerts", "sentence"),
    [
        (
            {"routes": [{"to": ["on_cal"]}], "receivers": RECEIVERS},
            "no receiver 'on_cal', did you mean 'on_call'",
        ),
        ({"receivers": {"contacts": RECEIVERS["on_call"]}}, "are the model's contacts"),
        (
            {"receivers": {"x": {"type": "sns", "topic": "models", "connection": "a"}}},
            "expected the ARN of a topic",
        ),
        (
            {"receivers": {"x": {"type": "apprise", "connection": "slack://token"}}},
            "the id of an Airflow connection",
        ),
        ({"routes": [{"to": ["contacts"], "quiet_hours": "22-6"}]}, "two times in UTC"),
        ({"receivers": {"x": {"type": "pager"}}}, "'mail', 'apprise', 'sns', 'alertmanager'"),
    ],
)
def test_what_is_refused(alerts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        MonitoredModel.model_validate(content(alerts=alerts))
