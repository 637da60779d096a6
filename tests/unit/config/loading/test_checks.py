"""Errors that show when parts of a configuration are compared with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daywatch.config.base import nearest
from daywatch.config.loading.load import load_model
from daywatch.errors import ConfigurationError
from models import write_model

MANY = {
    "task": "multiclass_classification",
    "response": ["prediction", "probabilities"],
    "classes": ["card", "cash", "invoice"],
}


def _rule(**keys: str) -> dict[str, Any]:
    return {"plan__rules": [{"red": "< 0.5", **keys}]}


SPANS = {"drift__profiles": {"over": [1, 7], "against": ["frozen", "same_month"]}}
NO_PROBABILITY = {"output__response": ["prediction"]}


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        (
            {"plan__rules": [{"metric": "roc_auk", "red": "< 1"}]},
            "plan.rules[0].metric",
            "there is no metric 'roc_auk' for binary_classification, did you mean 'roc_auc'?; all are in docs/configuration.md#metrics",
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
            {"plan__rules": [{"metric": "mean", "column": "country", "red": "> 1"}]},
            "plan.rules[0].column",
            "mean is of numbers, and 'country' is of a type with categories or text",
        ),
        (
            {"plan__rules": [{"metric": "mean", "column": "score", "red": "> 1"}]},
            "plan.rules[0].column",
            "one of the features, or prediction, probability, label",
        ),
        (
            {"plan__rules": [{"metric": "rows", "column": "amount", "red": "< 1"}]},
            "plan.rules[0].column",
            "rows is about the whole window and takes no column",
        ),
        (
            {"plan__rules": [{"metric": "data_faults", "red": "> 3"}]},
            "plan.rules[0].metric",
            "data_faults expects 'red: > 0' or 'amber: > 0': a fault of the data may be AMBER, but not GREEN",
        ),
        (
            {"plan__rules": [{"metric": "data_faults", "red": "> 0", "for": "2 of 3"}]},
            "plan.rules[0].for",
            "data_faults counts in its first window: leave out 'for'",
        ),
        (
            {"plan__rules": [{"metric": "drifted_share", "over": 7, "red": "> 0.5"}]},
            "plan.rules[0].over",
            "drifted_share over 7 days against frozen is not computed: expected 7 to be one of drift.profiles.over",
        ),
        (
            {"plan__rules": [{"metric": "drifted_share", "against": "moving", "red": "> 0.5"}], **SPANS},
            "plan.rules[0].against",
            "drifted_share over 1 day against moving is not computed: expected moving to be one of drift.profiles",
        ),
        (
            {"custom_metrics": [{"name": "roc_auc", "expression": "avg(amount)"}]},
            "custom_metrics[0].name",
            "there is a metric 'roc_auc' already; choose another name",
        ),
        (
            {"custom_metrics": [{"name": "volume", "expression": "avg(amount)"}]},
            "custom_metrics[0].name",
            "the page of the model has a chart 'volume'; choose another name",
        ),
        (
            {"custom_metrics": [{"name": "spent", "expression": "amount > 5"}]},
            "custom_metrics[0].expression",
            "expected an aggregate of the rows, one of avg, count, max, median, min, stddev_pop, sum",
        ),
        (
            {"custom_metrics": [{"name": "spent", "expression": "avg(amont)"}]},
            "custom_metrics[0].expression",
            "there is no column 'amont' here; columns: amount,",
        ),
        (
            {"custom_metrics": [{"name": "spent", "expression": "avg(amount) FILTER (amount > 5)"}]},
            "custom_metrics[0].expression",
            "an aggregate takes no FILTER, DISTINCT or ORDER BY here: use CASE",
        ),
        (
            {"custom_metrics": [{"name": "spent", "expression": "max(country)"}]},
            "custom_metrics[0].expression",
            "expected a number for all rows together, but this is of type VARCHAR",
        ),
        (
            {
                "custom_metrics": [
                    {"name": "spent", "expression": "(SELECT count(*) FROM read_csv('/etc/passwd'))"}
                ]
            },
            "custom_metrics[0].expression",
            "",
        ),
        (
            {"plan__rules": [{"metric": "value_per_row", "red": "< 1"}]},
            "plan.rules[0].metric",
            "value_per_row needs what outcomes are worth: performance.value",
        ),
        (
            {"plan__rules": [{"metric": "roc_auc", "against": "moving", "red": "falls by 5 %"}]},
            "plan.rules[0].against",
            "moving is for the drift of profiles: expected one of previous, mean, median, same_weekday, same_month",
        ),
        (
            {"plan__rules": [{"metric": "roc_auc", "against": "previous", "red": "< 0.5"}]},
            "plan.rules[0].against",
            "no condition compares with it: expected one such as 'falls by 10 %'",
        ),
        (
            {"plan__rules": [{"metric": "recall", "class_name": "any", "band": {"windows": 14}}]},
            "plan.rules[0].class_name",
            "'any' has no history of its own",
        ),
        (
            {
                "plan__rules": [
                    {
                        "metric": "drift_score",
                        "column": "amount",
                        "over": 7,
                        "against": "previous",
                        "red": "rises by 0.1",
                    }
                ],
            },
            "plan.rules[0].over",
            "previous compares with single windows before: leave out 'over'",
        ),
        (
            {
                "plan__rules": [{"metric": "roc_auc", "band": {"windows": 14}}],
                "schedule__max_active_runs": 2,
            },
            "schedule.max_active_runs",
            "plan.rules[0] needs the earlier days",
        ),
        (
            {"plan__rules": [{"metric": "roc_auc", "over": 7, "red": "< 1"}], **SPANS},
            "plan.rules[0].over",
            "profiles do not hold roc_auc; metrics with 'over': drift_score, drifted_columns, ",
        ),
        (
            {
                "plan__rules": [{"metric": "drifted_share", "over": 7, "red": "> 0.5"}],
                "schedule__max_active_runs": 2,
                **SPANS,
            },
            "schedule.max_active_runs",
            "expected 1: plan.rules[0] needs the earlier days, which are not measured yet when several windows",
        ),
        (NO_PROBABILITY, "plan.rules[0].metric", "roc_auc needs 'probability' in output.response"),
        (
            _rule(metric="accuracy", class_name="1"),
            "plan.rules[0].class_name",
            "accuracy is not about one class of a binary_classification; leave it out",
        ),
        (
            _rule(metric="roc_auc", class_name="1"),
            "plan.rules[0].class_name",
            "roc_auc is not about one class of a binary_classification; leave it out",
        ),
        (
            {**_rule(metric="recall"), "output": MANY},
            "plan.rules[0].metric",
            "recall of a multiclass_classification is about one class: add 'class_name', "
            "or name recall_macro or recall_weighted",
        ),
        (
            {**_rule(metric="true_positives"), "output": MANY},
            "plan.rules[0].metric",
            "true_positives of a multiclass_classification is about one class: add 'class_name'",
        ),
        (
            {**_rule(metric="recall", class_name="cahs"), "output": MANY},
            "plan.rules[0].class_name",
            "there is no class 'cahs', did you mean 'cash'?; output.classes are: card, cash, invoice",
        ),
        (
            {**_rule(metric="lift"), "output": MANY},
            "plan.rules[0].metric",
            "there is no metric 'lift' for multiclass_classification",
        ),
        (
            {
                **_rule(metric="log_loss"),
                "output": {"task": "multiclass_classification", "response": ["prediction"]},
            },
            "plan.rules[0].metric",
            "log_loss needs 'probabilities' in output.response",
        ),
        (
            {
                **_rule(metric="log_loss"),
                "output": {
                    "task": "binary_classification",
                    "response": ["probabilities"],
                    "classes": ["no", "yes"],
                    "positive_class": "Yes",
                },
            },
            "output.positive_class",
            "expected one of output.classes (no, yes), whose probability is the model's, "
            "but received 'Yes', did you mean 'yes'?",
        ),
        (
            {"drift__numeric": {"method": "wassserstein"}},
            "drift.numeric.method",
            "there is no drift method 'wassserstein', did you mean 'wasserstein'?; accepted: ",
        ),
        (
            {"output__drift": {"method": "x"}},
            "output.drift.method",
            "there is no drift method 'x'; accepted: ",
        ),
        (
            {"features": [{"name": "a", "type": "number", "drift": {"method": "kss"}}]},
            "features[0].drift.method",
            "there is no drift method 'kss', did you mean 'ks'?",
        ),
        (
            {"schedule__window": "hour", "schedule__timezone": "Europe/Berlin"},
            "schedule.timezone",
            "hours are hours of UTC: leave out 'timezone'",
        ),
        (
            {"schedule__window": "week", "schedule__cron": "0 6 * * *"},
            "schedule.cron",
            "expected a cron expression that fires once in every week, but received '0 6 * * *'; without it",
        ),
        (
            {
                "schedule__window": "month",
                "plan__rules": [{"metric": "rows", "red": "< 1", "every": "month"}],
            },
            "plan.rules[0].every",
            "each window is a month already",
        ),
        (
            {
                "schedule__window": "week",
                "drift__profiles": {"over": [7], "against": ["frozen"]},
                "plan__rules": [{"metric": "drift_score", "column": "amount", "over": 7, "red": "> 1"}],
            },
            "plan.rules[0].over",
            "profiles are merged from days, and the windows of this model are no days (schedule.window: week)",
        ),
        (
            {
                "schedule__window": "hour",
                "capture": {
                    "source": "table",
                    "prefix": "batch",
                    "partition": "dt=%Y-%m-%d",
                    "id_column": "id",
                },
            },
            "capture.partition",
            "the folders of a day do not say which rows are of an hour",
        ),
        (
            {"schedule__first_window": "2024-03-02"},
            "schedule.first_window",
            "expected a day after the baseline's last (2024-03-02), or the model is measured against itself",
        ),
        (
            {"plan__rules": [{"metric": "latency_p95", "red": "> 300"}]},
            "plan.rules[0].metric",
            "latency_p95 needs the latency of requests, which captures of the source sagemaker_realtime do not "
            "carry; expected transaction_records, or no such rule",
        ),
        (
            {"plan__rules": [{"metric": "unanswered", "red": "> 3"}]},
            "plan.rules[0].metric",
            "unanswered needs the status of requests",
        ),
        (
            {
                "capture": {"source": "table", "prefix": "shop"},
                "plan__rules": [{"metric": "response_bytes_max", "red": "> 3"}],
            },
            "plan.rules[0].metric",
            "which captures of the source table do not carry; expected sagemaker_realtime, transaction_records",
        ),
        (
            {"baseline": {"dataset": "a.csv", "columns": {"amont": "x"}}},
            "baseline.columns",
            "expected names of features, but received 'amont', did you mean 'amount'?",
        ),
        (
            {"baseline": {"dataset": "a.csv", "probabilities": "p"}},
            "baseline.probabilities",
            "output.response has no 'probabilities', so the baseline can have none",
        ),
        (
            {"baseline": {"dataset": "a.csv", "probability": "p"}},
            "baseline.dataset",
            "a baseline with probability needs 'baseline.prediction' too",
        ),
        (
            {"plan__baseline_values": {"rmse": 0.5}},
            "plan.baseline_values.rmse",
            "expected performance metrics of all rows, but binary_classification has no 'rmse'",
        ),
        ({"retraining": None}, "plan.actions.red.retrain", "needs the key 'retraining' with a 'trainer'"),
        (
            {"labels__exploration": "amount"},
            "labels.exploration",
            "expected a boolean feature, but received 'amount'",
        ),
        (
            {"retraining": {"trainer": "a:b", "promotion": {"metric": "pr_auc"}}},
            "retraining.promotion.metric",
            "expected one of roc_auc, accuracy, precision, recall, f1, brier_score, but received 'pr_auc'",
        ),
        (
            {"rollout": {"champion": 1, "candidate": 2, "metric": "pr_auc", "margin": 0.1}},
            "rollout.metric",
            "expected one of roc_auc, accuracy, precision, recall, f1, brier_score, but received 'pr_auc'",
        ),
        (
            {"rollout": {"champion": 1, "candidate": "1", "metric": "roc_auc", "margin": 0.1}},
            "rollout",
            "expected two versions, but champion and candidate are both '1'",
        ),
    ],
)
def test_an_error_between_parts(tmp_path: Path, changes: dict[str, Any], where: str, message: str) -> None:
    path = write_model(tmp_path, **changes)

    with pytest.raises(ConfigurationError) as caught:
        load_model(path)

    (problem,) = caught.value.problems
    assert problem.where == where
    assert message in problem.message
    key = where.rsplit(".", 1)[-1]
    assert f"{key}:" in path.read_text().splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("rule", "output"),
    [
        ({"metric": "recall"}, None),
        ({"metric": "recall", "class_name": "0"}, None),
        ({"metric": "f1_macro"}, None),
        ({"metric": "lift"}, None),
        ({"metric": "recall", "class_name": "cash"}, MANY),
        ({"metric": "precision_weighted"}, MANY),
        ({"metric": "roc_auc"}, MANY),
        ({"metric": "pr_auc", "class_name": "card"}, MANY),
        ({"metric": "recall", "class_name": "any"}, {**MANY, "response": ["prediction"], "classes": []}),
        (
            {"metric": "roc_auc"},
            {
                "task": "binary_classification",
                "response": ["probabilities"],
                "classes": ["0", "1"],
            },
        ),
        ({"metric": "residual_p95"}, {"task": "regression", "response": ["prediction"]}),
    ],
)
def test_what_a_rule_may_name(tmp_path: Path, rule: dict[str, str], output: dict[str, Any] | None) -> None:
    changes = {"output": output} if output else {}
    path = write_model(tmp_path, plan__rules=[{**rule, "red": "< 0.5"}], **changes)

    assert load_model(path).plan.rules[0].metric == rule["metric"]


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


@pytest.mark.parametrize(
    ("capture", "metric"),
    [
        ({"endpoint": "shop-endpoint"}, "request_bytes_p95"),
        ({"source": "transaction_records", "prefix": "log"}, "latency_p95"),
        ({"source": "transaction_records", "prefix": "log"}, "timeout_share"),
        ({"source": "table", "prefix": "table"}, "hours_without_captures"),
    ],
)
def test_a_rule_on_what_the_source_carries(tmp_path: Path, capture: dict[str, Any], metric: str) -> None:
    path = write_model(tmp_path, capture=capture, plan__rules=[{"metric": metric, "red": "> 0.5"}])

    assert load_model(path).plan.rules[0].metric == metric


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (
            {"labels__exploration": "member", "features": [{"name": "member", "type": "bool"}]},
            "features[0].type",
        ),
        (
            {
                "retraining": {"trainer": "a:b", "promotion": {"metric": "accuracy"}},
                "output": {"task": "binary_classification", "respons": ["prediction"]},
            },
            "output.respons",
        ),
    ],
    ids=["exploration", "promotion"],
)
def test_nothing_is_compared_with_a_wrong_section(
    tmp_path: Path, changes: dict[str, Any], where: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_model(write_model(tmp_path, **changes))
    found = [problem.where for problem in caught.value.problems]
    assert where in found
    assert {one.partition(".")[0].partition("[")[0] for one in found} == {
        where.partition(".")[0].partition("[")[0]
    }
