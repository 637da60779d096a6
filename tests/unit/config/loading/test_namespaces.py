"""Which models a namespace selects."""

from __future__ import annotations

from pathlib import Path

import pytest
from daywatch.config.loading.namespaces import files_within, is_within, levels, models_within
from daywatch.errors import ConfigurationError
from models import write_model


def test_levels() -> None:
    assert levels("/abc_corp/claim/eu") == ("/abc_corp", "/abc_corp/claim", "/abc_corp/claim/eu")
    assert levels("/abc_corp") == ("/abc_corp",)


@pytest.mark.parametrize(
    ("namespace", "parent", "within"),
    [
        ("/abc/claim", "/abc", True),
        ("/abc/claim", "/abc/", True),
        ("/abc/claim", "/abc/claim", True),
        ("/abc/claim", "/", True),
        ("/abc", "/abc/claim", False),
        ("/abc2", "/abc", False),
        ("/abc/claims", "/abc/claim", False),
        ("/x/abc", "/abc", False),
    ],
)
def test_within(namespace: str, parent: str, within: bool) -> None:
    assert is_within(namespace, parent) is within


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path, model="house", namespace="/abc/claim")
    write_model(tmp_path, model="car", namespace="/abc/claim/motor")
    write_model(tmp_path, model="price", namespace="/abc/price")
    write_model(tmp_path, model="other", namespace="/abcd")
    return tmp_path


def test_a_parent_selects_all_below(folder: Path) -> None:
    assert models_within(folder, "/abc") == ("car", "house", "price")
    assert models_within(folder, "/abc/claim") == ("car", "house")
    assert models_within(folder, "/") == ("car", "house", "other", "price")


def test_files_with_mistakes_count_where_they_belong(folder: Path) -> None:
    write_model(folder, model="house", namespace="/abc/claim", tier=9)
    write_model(folder, model="other", namespace="/abcd", tier=9)
    (folder / "broken.yaml").write_text("model: [")

    assert [path.stem for path in files_within(folder, "/abc/claim")] == ["broken", "car", "house"]


def test_a_namespace_without_models(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="no model in the namespace '/abc/clam'.*'/abc/claim'"):
        models_within(folder, "/abc/clam")
    (folder / "broken.yaml").write_text("model: [")
    with pytest.raises(ConfigurationError, match="namespaces here: /abc, /abc/claim, /abc/claim/motor"):
        models_within(folder, "/nothing")
