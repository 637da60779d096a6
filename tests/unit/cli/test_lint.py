"""All models and edited suites of a folder, checked before a deploy."""

from __future__ import annotations

from pathlib import Path

from daywatch.cli.lint import lint_folder
from daywatch.config.deployment.connections import Connection
from models import write_model


def test_no_model_is_an_error(tmp_path: Path) -> None:
    checked, (problem,) = lint_folder(tmp_path, tmp_path)

    assert checked == 0
    assert str(problem) == f"{tmp_path}: there is no model here, expected at least one .yaml file"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    checked, (problem,) = lint_folder(tmp_path / "modles", tmp_path)

    assert checked == 0
    assert "modles: there is no such folder, expected the folder of the models' YAML files" in str(problem)


def test_a_trainer_that_cannot_be_imported_is_an_error(tmp_path: Path) -> None:
    write_model(tmp_path, retraining={"trainer": "trainers:majoritty"})

    _, (problem,) = lint_folder(tmp_path, tmp_path)

    assert (problem.where, problem.line > 1) == ("retraining.trainer", True)
    assert problem.message == "the module 'trainers' has no function 'majoritty', did you mean 'majority'?"


def test_resources_without_the_provider_that_gives_them_are_an_error(tmp_path: Path) -> None:
    write_model(tmp_path, schedule__resources={"memory": "2Gi"})

    _, (problem,) = lint_folder(tmp_path, tmp_path)

    assert (problem.where, problem.line > 1) == ("schedule.resources", True)
    assert "apache-airflow-providers-cncf-kubernetes is not installed here" in problem.message


def test_connections_that_do_not_exist_are_errors_where_they_are_asked_for(tmp_path: Path) -> None:
    labels = {"source": "sql", "connection": "shop_labels", "query": "SELECT id, label FROM x"}
    redaction = {"hash": ["country"], "key": "shop_key"}
    write_model(tmp_path, labels=labels, redaction=redaction, capture__connection="shop_s3")
    found = {
        "daywatch_smtp": Connection(conn_type="smtp"),
        "shop_labels": Connection(conn_type="mysql"),
        "shop_s3": Connection(conn_type="sqlite"),
    }

    assert lint_folder(tmp_path, tmp_path)[1] == ()
    _, problems = lint_folder(tmp_path, tmp_path, connections=found.get)
    assert [(problem.where, problem.message) for problem in problems] == [
        (
            "capture.connection",
            "The connection 'shop_s3' has type 'sqlite', expected aws, which reads a bucket.",
        ),
        ("labels.connection", "The connection 'shop_labels' has type 'mysql', expected postgres or sqlite."),
        (
            "redaction.key",
            "there is no connection 'shop_key': create it, or set AIRFLOW_CONN_SHOP_KEY;"
            " its password is the key of the hash",
        ),
    ]
    _, problems = lint_folder(tmp_path, tmp_path, connections={}.get)
    assert [problem.where for problem in problems] == [
        "contacts",
        "capture.connection",
        "labels.connection",
        "redaction.key",
    ]


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
        "source sagemaker_realtime do not carry; expected transaction_records, kserve_log, or no such rule"
    )
