"""All models and edited suites of a folder, checked before a deploy."""

from __future__ import annotations

from pathlib import Path

from daywatch.cli.lint import lint_folder
from models import write_model


def test_no_model_is_an_error(tmp_path: Path) -> None:
    checked, (problem,) = lint_folder(tmp_path, tmp_path)

    assert checked == 0
    assert str(problem) == f"{tmp_path}: there is no model here, expected at least one .yaml file"


def test_models_and_their_suites(tmp_path: Path) -> None:
    models = tmp_path / "models"
    write_model(models, model="good")
    write_model(models, model="bad", tier=9)
    write_model(models, model="odd")
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "odd.json").write_text('{"expectations": [\n{"type": "expect_nothing"}]}')
    (tmp_path / "suites" / "of_no_model.json").write_text("not read")

    checked, problems = lint_folder(models, tmp_path / "suites")

    assert checked == 3
    assert [Path(problem.file).name for problem in problems] == ["bad.yaml", "odd.json"]


def test_a_rule_that_the_source_cannot_serve_names_file_rule_and_source(tmp_path: Path) -> None:
    path = write_model(tmp_path / "models", plan__rules=[{"metric": "error_share", "red": "> 1 %"}])
    line = next(n for n, one in enumerate(path.read_text().splitlines(), start=1) if "error_share" in one)

    _, (problem,) = lint_folder(tmp_path / "models", tmp_path / "suites")

    assert str(problem).endswith(
        f"shop.yaml:{line}: plan.rules[0].metric: error_share needs the status of requests, which captures of the "
        "source sagemaker_realtime do not carry; expected transaction_records, or no such rule"
    )
