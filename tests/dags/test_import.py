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


def test_the_parse_grows_with_the_models_and_no_faster(parse: Parse, tmp_path: Path) -> None:
    """Ten times the models; the bound is wide, because a busy machine takes twice as long, and finds a square."""
    seconds = {}
    for count in (50, 500):
        folder = tmp_path / str(count)
        folder.mkdir()
        copies(folder, count)
        parsed = parse(folder)
        assert len(parsed["dags"]) == 4 * count + 1
        seconds[count] = parsed["seconds"]
    assert seconds[500] < 40 * seconds[50]


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
