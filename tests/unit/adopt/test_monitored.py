"""What `daywatch init` makes of the files of SageMaker Model Monitor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from captures import Endpoint, day_of
from daywatch.adopt.propose import Proposal, propose, write_new
from daywatch.adopt.sagemaker.monitored import read_monitored
from daywatch.config.loading.load import load_model
from daywatch.errors import SetupError
from daywatch.validation.suggest import suggest_suite
from daywatch.validation.suite import merge, read_suite
from models import local_deployment
from monitor_files import categories, constraint, constraints, numbers, statistics

FEATURES = [
    constraint("bought", "Integral", num_constraints={"is_non_negative": True}),
    constraint("amount", "Fractional", 0.9, num_constraints={"is_non_negative": True}),
    constraint("items", "Integral"),
    constraint("member", "String", string_constraints={"domains": ["true", "false"]}),
    constraint("country", "String", string_constraints={"domains": ["DE", "FR", "US"]}),
]
STATISTICS = statistics(
    numbers("bought", [0, 1] * 100, kind="Integral"),
    numbers("amount", [float(n) for n in range(180)], missing=20),
    numbers("items", [n % 5 for n in range(200)], kind="Integral"),
    categories("member", {"true": 120, "false": 80}),
    categories("country", {"DE": 120, "FR": 80}),
)
QUALITY = {
    "version": 0.0,
    "binary_classification_constraints": {
        "recall": {"threshold": 0.571, "comparison_operator": "LessThanThreshold"},
        "auc": {"threshold": 0.9, "comparison_operator": "LessThanThreshold"},
        "false_positive_rate": {"threshold": 0.05, "comparison_operator": "GreaterThanThreshold"},
        "f2_best_constant_classifier": {"threshold": 0.5, "comparison_operator": "GreaterThanThreshold"},
        "kappa": {"threshold": 0.5, "comparison_operator": "LessThanThreshold"},
    },
}


def proposal(folder: Path, **files: str) -> Proposal:
    """Return what is proposed from captures and these files, which are arguments of ``propose`` by name."""
    data = folder / "data"
    endpoint, days = Endpoint(data), [one for day in ("2024-03-01", "2024-03-02") for one in day_of(day)]
    endpoint.capture(days)
    endpoint.label(days)
    for name, text in files.items():
        (data / f"{name}.json").write_text(text)
    given = {"statistics": "statistics.json"} if "statistics" in files else {}
    limits = [f"{name}.json" for name in files if name != "statistics"]
    labels = "shop-truth" if "quality" in files else None
    return propose("shop", "shop-endpoint", local_deployment(folder), None, labels, limits, **given)


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Proposal]:
    folder = tmp_path_factory.mktemp("adopted")
    files = {"constraints": constraints(FEATURES), "quality": json.dumps(QUALITY), "statistics": STATISTICS}
    return folder, proposal(folder, **files)


def test_features_have_the_names_and_types_of_the_constraints(adopted: tuple[Path, Proposal]) -> None:
    written = yaml.safe_load(adopted[1].text)

    assert written["features"] == [
        {"name": "amount", "type": "number"},
        {"name": "items", "type": "integer"},
        {"name": "member", "type": "category"},
        {"name": "country", "type": "category"},
    ]
    assert written["baseline"] == {"dataset": "statistics.json", "label": "bought"}
    assert written["schedule"]["first_window"].isoformat() == "2024-03-01"


def test_drift_and_plan_are_those_of_the_constraints(adopted: tuple[Path, Proposal]) -> None:
    written = yaml.safe_load(adopted[1].text)

    robust = {"method": "linf_robust", "threshold": 0.1}
    assert written["drift"] == {"numeric": robust, "categorical": robust}
    assert written["plan"] == {
        "preset": "standard",
        "rules": [
            {"metric": "expectations_failed_critical", "red": "> 0"},
            {"metric": "expectations_failed", "amber": "> 0"},
            {"metric": "recall", "red": "< 0.571"},
            {"metric": "roc_auc", "red": "< 0.9"},
            {"metric": "false_positive_rate", "red": "> 0.05"},
            {"metric": "f2_best_constant_classifier", "red": "> 0.5"},
        ],
    }
    assert any("no counterpart of kappa" in one for one in adopted[1].decisions)


def test_the_suite_has_the_constraints_and_survives_a_baseline(adopted: tuple[Path, Proposal]) -> None:
    folder, found = adopted
    deployment = local_deployment(folder)
    path, suite = deployment.models / "shop.yaml", deployment.suites / "shop.json"
    write_new(found, path, suite)

    written = read_suite(suite)

    def shown(one: dict[str, Any]) -> tuple[Any, ...]:
        kwargs = dict(one["kwargs"])
        return one["type"].removeprefix("expect_column_"), kwargs.pop("column"), kwargs, one["severity"]

    expected = [
        ("type_mismatch_share_to_be_at_most", "amount", {"max_value": 0.0}, "critical"),
        ("values_to_not_be_null", "amount", {"mostly": 0.9}, "warning"),
        ("values_to_be_between", "amount", {"min_value": 0}, "warning"),
        ("type_mismatch_share_to_be_at_most", "items", {"max_value": 0.0}, "critical"),
        ("values_to_not_be_null", "items", {"mostly": 1.0}, "warning"),
        ("values_to_not_be_null", "member", {"mostly": 1.0}, "warning"),
        ("values_to_be_in_set", "member", {"mostly": 1.0, "value_set": ["true", "false"]}, "warning"),
        ("values_to_not_be_null", "country", {"mostly": 1.0}, "warning"),
        ("values_to_be_in_set", "country", {"mostly": 1.0, "value_set": ["DE", "FR", "US"]}, "warning"),
    ]
    assert [shown(one) for one in written["expectations"]] == expected

    from daywatch.profiles.profile import ColumnProfile, Profile

    columns = [
        ColumnProfile(name="items", type="integer", count=9, distinct=2, min=1, max=2),
        ColumnProfile(
            name="country", type="category", count=9, distinct=1, frequent=[{"value": "X", "count": 9}]
        ),
    ]
    suggested = suggest_suite(Profile(rows=9, days={}, columns=columns), load_model(path), {}, {"items": 0.0})
    merged = merge(suggested, written)["expectations"]
    assert [shown(one) for one in merged[: len(expected)]] == expected
    added = {(one["type"].removeprefix("expect_column_"), one["kwargs"].get("column")) for one in merged[9:]}
    assert not [name for name, column in added if column in ("items", "country")]
    with pytest.raises(SetupError, match=r"shop\.json exists, and is not changed"):
        write_new(found, deployment.models / "other.yaml", suite)


def test_settings_of_one_feature_hold_for_it_alone(tmp_path: Path) -> None:
    off = {"evaluate_constraints": "Disabled"}
    own = {"distribution_constraints": {"comparison_threshold": 0.3}, "domain_content_threshold": 0.8}
    features = [
        *FEATURES[1:3],
        constraint("member", "String", string_constraints={"monitoring_config_overrides": off}),
        constraint(
            "country", "String", 0.0, string_constraints={"domains": ["DE"]}, monitoringConfigOverrides=own
        ),
    ]
    chi = {
        "perform_comparison": None,
        "enable_comparisons": "Enabled",
        "comparison_method": "Simple",
        "categorical_drift_method": "ChiSquared",
        "categorical_comparison_threshold": 0.05,
    }
    del chi["perform_comparison"]

    found = proposal(
        tmp_path, constraints=constraints(features, datatype_check_threshold=0.9, distribution=chi)
    )

    written = yaml.safe_load(found.text)
    assert written["drift"] == {
        "numeric": {"method": "linf_simple", "threshold": 0.1},
        "categorical": {"method": "chisquare", "threshold": 0.05},
    }
    assert written["features"][3]["drift"] == {"method": "chisquare", "threshold": 0.05}
    assert found.suite is not None
    kwargs = {(one["type"], one["kwargs"]["column"]): one["kwargs"] for one in found.suite["expectations"]}
    assert not [column for _, column in kwargs if column == "member"]
    assert kwargs["expect_column_values_to_be_in_set", "country"]["mostly"] == 0.8
    assert kwargs["expect_column_type_mismatch_share_to_be_at_most", "items"]["max_value"] == 0.1
    assert any("Disabled for member" in one for one in found.decisions)


@pytest.mark.parametrize("key", ["perform_comparison", "enable_comparisons"])
def test_without_comparisons_there_are_no_drift_settings(tmp_path: Path, key: str) -> None:
    found = proposal(tmp_path, constraints=constraints(FEATURES[1:], distribution={key: "Disabled"}))

    assert "drift" not in yaml.safe_load(found.text)
    assert any("perform_comparison is Disabled" in one for one in found.decisions)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"constraints": constraints(FEATURES), "statistics": STATISTICS.replace('"country"', '"land"')},
            "contradict each other: only the constraints have country",
        ),
        (
            {
                "constraints": constraints([*FEATURES[:4], constraint("country", "Integral")]),
                "statistics": STATISTICS,
            },
            "country is Integral in the constraints and String in the statistics",
        ),
        (
            {
                "constraints": constraints([FEATURES[0], constraint("amount", "Fractional"), *FEATURES[2:]]),
                "statistics": STATISTICS,
            },
            "amount has a completeness of at least 1 in the constraints and of 0.9 in the statistics",
        ),
        (
            {
                "constraints": constraints(FEATURES),
                "statistics": STATISTICS.replace('"min": 0.0', '"min": -3.0'),
            },
            "bought is not negative in the constraints and has -3 in the statistics",
        ),
        (
            {"constraints": constraints(FEATURES), "others": constraints(FEATURES[:4])},
            r"constraints\.json and .*others\.json contradict each other: .* of country are not the same",
        ),
        ({"constraints": constraints([*FEATURES, FEATURES[4]])}, "contradicts itself: .* country twice"),
        ({"constraints": constraints(FEATURES), "statistics": "[]"}, "statistics.json has no statistics"),
        ({"constraints": "{"}, "constraints.json is no JSON object"),
        ({"constraints": "{}"}, "has no constraints: expected 'features'.*it has nothing"),
        (
            {"constraints": constraints(FEATURES, datatype_check_threshold="high")},
            "constraints that Model Monitor does not have: .*datatype_check_threshold",
        ),
    ],
)
def test_files_that_do_not_fit_are_one_sentence(files: dict[str, str], expected: str) -> None:
    limits, given = [name for name in files if name != "statistics"], "statistics" in files
    paths = [f"{name}.json" for name in limits]

    def read(path: str) -> bytes:
        return files[path.removesuffix(".json")].encode()

    with pytest.raises(SetupError, match=expected):
        read_monitored(paths, "statistics.json" if given else "", read, lambda path: f"s3://b/{path}")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"constraints": constraints(FEATURES[3:])}, "4 values in a row, but .* of 2 columns"),
        (
            {"quality": json.dumps({"regression_constraints": {}})},
            "of model quality are of regression, but the captures look like binary_classification",
        ),
        ({"constraints": json.dumps(QUALITY)}, "need labels: give their folder with --labels"),
    ],
)
def test_files_of_another_model_are_one_sentence(
    tmp_path: Path, files: dict[str, str], expected: str
) -> None:
    with pytest.raises(SetupError, match=expected):
        proposal(tmp_path, **files)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    Endpoint(tmp_path / "data").capture(day_of("2024-03-01"))

    with pytest.raises(SetupError, match=r"There is no file .*constraints\.json"):
        propose("shop", "shop-endpoint", local_deployment(tmp_path), constraints=["constraints.json"])
