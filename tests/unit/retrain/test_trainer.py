"""Finding the function that trains."""

from __future__ import annotations

from pathlib import Path

import pytest
import trainers
from daywatch.errors import ConfigurationError, SetupError
from daywatch.retrain.trainer import check_trainer, load_trainer
from models import model, write_model


def test_it_is_imported_by_its_name(tmp_path: Path) -> None:
    assert load_trainer(model(), tmp_path) is trainers.majority


def test_a_model_without_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="'shop' has no trainer: add 'retraining' to .*shop.yaml"):
        load_trainer(model(retraining=None), tmp_path / "shop.yaml")


MISSING = {
    "a module": (
        "nowhere.at_all:f",
        "the module 'nowhere.at_all' cannot be found, .*No module named 'nowhere'",
    ),
    "a module in a package": ("json.nowhere:f", "there is no module 'json.nowhere' on the Python path"),
    "a function": ("trainers:majoritty", "'trainers' has no function 'majoritty', did you mean 'majority'"),
    "no module": ("json.tool.x:f", "cannot be found"),
}


@pytest.mark.parametrize("name", MISSING)
def test_one_that_is_missing_is_an_error_with_its_line_without_an_import(name: str, tmp_path: Path) -> None:
    trainer, why = MISSING[name]
    path = write_model(tmp_path, retraining={"trainer": trainer})
    line = next(n for n, text in enumerate(path.read_text().splitlines(), start=1) if trainer in text)
    for check in (check_trainer, load_trainer):
        with pytest.raises(ConfigurationError, match=rf"shop.yaml:{line}: retraining.trainer: .*{why}"):
            check(model(retraining={"trainer": trainer}), path)


def test_one_whose_module_fails_is_found_by_its_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "failing_trainer.py").write_text("def train(): ...\nraise OSError('no licence')\n")
    monkeypatch.syspath_prepend(tmp_path)
    path = write_model(tmp_path, retraining={"trainer": "failing_trainer:train"})
    failing = model(retraining={"trainer": "failing_trainer:train"})

    check_trainer(failing, path)
    with pytest.raises(ConfigurationError, match="cannot be imported, OSError: no licence"):
        load_trainer(failing, path)
