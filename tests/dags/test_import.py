"""The DAG files import cleanly and lightly, and a wrong model takes no other down."""

from pathlib import Path
from typing import Any

from .conftest import Parse, copies


def test_no_dag_file_has_an_import_error(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}


def test_each_model_has_its_dags(parsed: dict[str, Any]) -> None:
    assert sorted(parsed["dags"]) == [
        "baseline__flights",
        "baseline__flights_service",
        "monitor__flights",
        "monitor__flights_service",
        "reevaluate__flights",
        "reevaluate__flights_service",
        "retrain__flights",
        "warehouse_upkeep",
    ]


def test_no_heavy_library_is_imported_at_parse_time(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == []


def test_two_models_parse_within_a_second(parsed: dict[str, Any]) -> None:
    assert parsed["seconds"] < 1


def test_500_models_parse_within_five_seconds(parse: Parse, tmp_path: Path) -> None:
    copies(tmp_path, 500)
    parsed = parse(tmp_path)
    assert len(parsed["dags"]) == 4 * 500 + 1
    assert parsed["seconds"] < 5


def test_a_wrong_model_is_an_import_error_with_file_and_line_and_the_others_run(
    parse: Parse, models: Path
) -> None:
    text = (models / "flights.yaml").read_text(encoding="utf-8")
    wrong = text.replace("model: flights", "model: broken").replace("metric: roc_auc", "metric: roc_auk")
    (models / "broken.yaml").write_text(wrong, encoding="utf-8")
    line = next(n for n, one in enumerate(wrong.splitlines(), start=1) if "roc_auk" in one)
    parsed = parse(models)
    assert sorted(parsed["dags"]) == [
        "baseline__flights",
        "monitor__flights",
        "reevaluate__flights",
        "retrain__flights",
        "warehouse_upkeep",
    ]
    (message,) = parsed["errors"].values()
    assert f"broken.yaml:{line}: plan.rules[0].metric: there is no metric 'roc_auk'" in message
    assert "did you mean 'roc_auc'?" in message


def test_a_model_without_trainer_has_no_retraining(parse: Parse, models: Path) -> None:
    text = (models / "flights.yaml").read_text(encoding="utf-8")
    plain = text.replace("      retrain: true\n", "").partition("\nretraining:")[0] + "\n"
    (models / "flights.yaml").write_text(plain, encoding="utf-8")
    parsed = parse(models)
    assert parsed["errors"] == {}
    assert "retrain__flights" not in parsed["dags"]
    assert "decide_retraining" not in parsed["dags"]["monitor__flights"]["tasks"]
