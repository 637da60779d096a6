"""The DAG files import cleanly and lightly, and a wrong model takes no other down."""

from pathlib import Path
from typing import Any

from .conftest import Parse, copies


def test_no_dag_file_has_an_import_error(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}


def test_each_model_has_its_dags(parsed: dict[str, Any]) -> None:
    assert sorted(parsed["dags"]) == [
        "baseline__flights",
        "baseline__flights_newark",
        "baseline__flights_service",
        "digest",
        "fire_drill",
        "monitor__flights",
        "monitor__flights_newark",
        "monitor__flights_service",
        "publish_flights",
        "reevaluate__flights",
        "reevaluate__flights_newark",
        "reevaluate__flights_service",
        "retrain__flights",
        "retrain__flights_newark",
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
        assert len(parsed["dags"]) == 4 * count + 4
        seconds[count] = parsed["seconds"]
    assert seconds[500] < 40 * seconds[50]


def test_a_wrong_model_is_an_import_error_with_file_and_line_and_the_others_run(
    parse: Parse, models: Path
) -> None:
    text = (models / "flights.yaml").read_text(encoding="utf-8")
    rule = "plan:\n  rules:\n    - {metric: roc_auk, red: < 0.5}\n"
    wrong = text.replace("model: flights", "model: broken").replace("plan:\n", rule)
    (models / "broken.yaml").write_text(wrong, encoding="utf-8")
    line = next(n for n, one in enumerate(wrong.splitlines(), start=1) if "roc_auk" in one)
    parsed = parse(models)
    assert sorted(parsed["dags"]) == [
        "baseline__flights",
        "digest",
        "fire_drill",
        "monitor__flights",
        "publish_flights",
        "reevaluate__flights",
        "retrain__flights",
        "warehouse_upkeep",
    ]
    (message,) = parsed["errors"].values()
    assert f"broken.yaml:{line}: plan.rules[0].metric: there is no metric 'roc_auk'" in message
    assert "did you mean 'roc_auc'?" in message


def _variant(folder: Path, name: str, **replaced: str) -> None:
    """Write the flights under another name, with some lines replaced."""
    text = (folder / "flights.yaml").read_text(encoding="utf-8").replace("model: flights", f"model: {name}")
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_whatever_is_wrong_with_a_model_its_error_is_an_import_error_and_the_others_stay(
    parse: Parse, models: Path
) -> None:
    _variant(models, "no_trainer", **{"training:train": "training:trane"})
    _variant(models, "no_module", **{"trainer: daywatch_demo": "trainer: daywatch_demonstration"})
    _variant(models, "endless", **{"first_window:": "deadline_minutes: 99999999999999\n  first_window:"})
    _variant(models, "bad_cron", **{"0 6 * * *": "6 o'clock"})
    _variant(models, "no_executor", **{"first_window:": "executor: CeleryExecutr\n  first_window:"})
    _variant(models, "long_owner", **{"owner: flight-operations": f"owner: {'o' * 95}"})
    (models / "brackets.yaml").write_text("[" * 100_000)
    (models / "aliases.yaml").write_text("a: &a [*a]\n")
    (models / "torn.yaml").write_bytes(b"model: \xff\n")
    (models / "broken_link.yaml").symlink_to(models / "nowhere")

    parsed = parse(models)

    of_each = {name.partition("__")[2]: 0 for name in parsed["dags"]}
    for name in parsed["dags"]:
        of_each[name.partition("__")[2]] += 1
    assert of_each == {"": 4, "flights": 4, "no_trainer": 3, "no_module": 3}
    (message,) = parsed["errors"].values()
    for start in (
        "no_trainer.yaml:74: retraining.trainer: the module 'daywatch_demo.flights.training' has no function",
        "no_module.yaml:74: retraining.trainer: the module",
        "endless.yaml:",
        "bad_cron.yaml:68: schedule.cron: expected five fields",
        "no_executor.yaml:69: schedule.executor: this Airflow has no executor 'CeleryExecutr'",
        "long_owner.yaml:",
        "brackets.yaml:1: expected at most 30 lists and mappings inside each other",
        "aliases.yaml:1: the alias *a stands inside",
        "torn.yaml: expected UTF-8",
        "broken_link.yaml: this file cannot be read",
    ):
        assert start in message


def test_a_folder_of_models_that_is_not_there_is_an_import_error(parse: Parse, tmp_path: Path) -> None:
    parsed = parse(tmp_path / "modles")
    assert sorted(parsed["dags"]) == ["digest", "fire_drill", "publish_flights", "warehouse_upkeep"]
    (message,) = parsed["errors"].values()
    assert "modles: there is no such folder, expected the folder of the models' YAML files" in message


def test_a_model_without_trainer_has_no_retraining(parse: Parse, models: Path) -> None:
    text = (models / "flights.yaml").read_text(encoding="utf-8")
    plain = text.replace("      retrain: true\n", "").partition("\nretraining:")[0] + "\n"
    (models / "flights.yaml").write_text(plain, encoding="utf-8")
    parsed = parse(models)
    assert parsed["errors"] == {}
    assert "retrain__flights" not in parsed["dags"]
    assert "decide_retraining" not in parsed["dags"]["monitor__flights"]["tasks"]
