"""Errors cross processes and are sentences."""

from __future__ import annotations

import pickle

import pytest
from daywatch.errors import (
    AccountingError,
    ConfigurationError,
    DaywatchError,
    InfrastructureError,
    Problem,
    SetupError,
)

PROBLEMS = (Problem("a.yaml", 3, "plan.rules[0]", "wrong"), Problem("b.yaml", 0, "", "missing"))


@pytest.mark.parametrize(
    "error",
    [
        SetupError("do this"),
        InfrastructureError("it is away"),
        AccountingError("lost"),
        ConfigurationError(PROBLEMS),
    ],
)
def test_they_pickle(error: DaywatchError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - ours

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_every_problem_has_its_line() -> None:
    assert str(ConfigurationError(PROBLEMS)) == "a.yaml:3: plan.rules[0]: wrong\nb.yaml: missing"
