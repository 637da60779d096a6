"""Finding the function that trains."""

from __future__ import annotations

import pytest
import trainers
from daywatch.errors import ConfigurationError, SetupError
from daywatch.retrain.trainer import load_trainer
from models import model


def test_it_is_imported_by_its_name() -> None:
    assert load_trainer(model()) is trainers.majority


def test_a_model_without_one() -> None:
    with pytest.raises(
        SetupError, match="'shop' has no trainer: add 'retraining' to include/models/shop.yaml"
    ):
        load_trainer(model(retraining=None))


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere.at_all:f", "No module named 'nowhere'"), ("trainers:none", "no attribute 'none'")],
)
def test_one_that_cannot_be_imported(name: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"include/models/shop.yaml: retraining.trainer: .*{why}"):
        load_trainer(model(retraining={"trainer": name}))
