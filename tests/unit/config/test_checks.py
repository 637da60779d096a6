"""Mistakes that show when parts of a configuration are held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daywatch.config.checks import nearest
from daywatch.config.load import load_model
from daywatch.errors import ConfigurationError
from models import write_model

SPANS = {"drift__profiles": {"over": [1, 7], "against": ["frozen", "same_month"]}}
NO_PROBABILITY = {"output__response": ["prediction"]}


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        (
            {"plan__rules": [{"metric": "roc_auk", "red": "< 1"}]},
            "plan.rules[0].metric",
            "there is no metric 'roc_auk' for binary_classification, did you mean 'roc_auc'?; accepted: rows, ",
        ),
        (
            {"plan__rules": [{"metric": "rmse", "red": "> 1"}]},
            "plan.rules[0].metric",
            "there is no metric 'rmse' for binary_classification",
        ),
        (
            {"plan__rules": [{"metric": "drift_score", "column": "amont", "red": "> 1"}]},
            "plan.rules[0].column",
            "drift_score is about one column, expected 'column' to be one of the features, did you mean 'amount'?, "
            "but received 'amont'",
        ),
        (
            {"plan__rules": [{"metric": "null_share", "red": "> 1 %"}]},
            "plan.rules[0].metric",
            "null_share is about one column",
        ),
        (
            {"plan__rules": [{"metric": "rows", "column": "amount", "red": "< 1"}]},
            "plan.rules[0].column",
            "rows is about the whole window and takes no column",
        ),
        (
            {"plan__rules": [{"metric": "drifted_share", "over": 7, "red": "> 0.5"}]},
            "plan.rules[0].over",
            "drifted_share over 7 days against frozen is not computed: expected 7 to be one of drift.profiles.over",
        ),
        (
            {"plan__rules": [{"metric": "drifted_share", "against": "moving", "red": "> 1"}], **SPANS},
            "plan.rules[0].against",
            "drifted_share over 1 day against moving is not computed: expected moving to be one of drift.profiles",
        ),
        (
            {"plan__rules": [{"metric": "roc_auc", "over": 7, "red": "< 1"}], **SPANS},
            "plan.rules[0].over",
            "profiles do not tell roc_auc; metrics with 'over' or 'against': drift_score, drifted_columns, ",
        ),
        (
            {
                "plan__rules": [{"metric": "drifted_share", "over": 7, "red": "> 0.5"}],
                "schedule__max_active_runs": 2,
                **SPANS,
            },
            "schedule.max_active_runs",
            "expected 1: plan.rules[0] needs the days before, which are not measured yet where several windows",
        ),
        (NO_PROBABILITY, "plan.rules[0].metric", "roc_auc needs 'probability' in output.response"),
        (
            {"drift__numeric": {"method": "wassserstein"}},
            "drift.numeric.method",
            "Evidently has no stat test 'wassserstein', did you mean 'wasserstein'?; accepted: ",
        ),
        (
            {"output__drift": {"method": "x"}},
            "output.drift.method",
            "Evidently has no stat test 'x'; accepted: ",
        ),
        (
            {"features": [{"name": "a", "type": "number", "drift": {"method": "kss"}}]},
            "features[0].drift.method",
            "Evidently has no stat test 'kss', did you mean 'ks'?",
        ),
        (
            {"schedule__first_window": "2024-03-02"},
            "schedule.first_window",
            "expected a day after the baseline's last (2024-03-02), or the model is measured against itself",
        ),
        ({"retraining": None}, "plan.actions.red.retrain", "needs the key 'retraining' with a 'trainer'"),
    ],
)
def test_a_mistake_between_parts(tmp_path: Path, changes: dict[str, Any], where: str, message: str) -> None:
    path = write_model(tmp_path, **changes)

    with pytest.raises(ConfigurationError) as caught:
        load_model(path)

    (problem,) = caught.value.problems
    assert problem.where == where
    assert message in problem.message
    key = where.rsplit(".", 1)[-1]
    assert f"{key}:" in path.read_text().splitlines()[problem.line - 1]


def test_the_file_has_the_models_name(tmp_path: Path) -> None:
    path = write_model(tmp_path).rename(tmp_path / "store.yaml")

    with pytest.raises(
        ConfigurationError,
        match=r"store.yaml:1: model: expected 'store', the file's name, but received 'shop'",
    ):
        load_model(path)


def test_all_of_them_at_once(tmp_path: Path) -> None:
    path = write_model(
        tmp_path, retraining=None, schedule__first_window="2024-03-01", drift__text={"method": "nope"}
    )

    with pytest.raises(ConfigurationError) as caught:
        load_model(path)

    assert len(caught.value.problems) == 3
    assert [one.line for one in caught.value.problems] == sorted(one.line for one in caught.value.problems)


def test_nearest_is_silent_where_nothing_is_near() -> None:
    assert nearest("abc", ["xyz"]) == ""
    assert nearest("", []) == ""
