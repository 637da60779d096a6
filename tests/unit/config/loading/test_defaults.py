"""What models share: merged level by level, every value and error with its file and line, shown as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from daywatch.cli.lint import lint_folder, merged_yaml
from daywatch.config.loading.load import load_model, load_models, merged_root, model_with_plan
from daywatch.config.loading.yaml_files.parse import data_of
from daywatch.errors import ConfigurationError
from models import NAME, write_model

WIDE = """\
owner: platform
contacts: [all@example.com, other@example.com]
plan: # without rules
  preset: standard
  minimum: {rows: 5, labels: 7}
labels: {source: table, prefix: ignored, delay_days: 9}
description: >
  yes,
  two lines
"""
NARROW = """\
schedule: {cron: '0 5 * * *', deadline_minutes: 60}
plan:
  <<: &labels {minimum: {labels: 9}}
contacts: [shop@example.com]
labels: {source: sagemaker_ground_truth, prefix: truth}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_model(tmp_path, owner=None, contacts=None, plan=None, description=None, labels__delay_days=None)
    (tmp_path / "_defaults.yaml").write_text(WIDE, encoding="utf-8")
    (tmp_path / "test" / "shop").mkdir(parents=True)
    (tmp_path / "test" / "shop" / "_defaults.yaml").write_text(NARROW, encoding="utf-8")
    return tmp_path


def test_the_narrower_file_counts(folder: Path) -> None:
    model = load_model(folder / f"{NAME}.yaml")

    assert model.owner == "platform"
    assert model.contacts == ("shop@example.com",)  # a list replaces a list
    assert model.plan.is_standard
    assert (model.plan.minimum.rows, model.plan.minimum.labels) == (5, 9)  # a section is merged
    assert (model.schedule.cron, model.schedule.deadline_minutes) == ("0 5 * * *", 60)
    assert str(model.schedule.first_window) == "2024-03-03"
    assert model.labels is not None
    assert model.labels.delay_days == 3  # another source has other keys
    assert [one.model for one in load_models(folder)] == [NAME]


def test_a_model_elsewhere_has_only_the_widest(folder: Path) -> None:
    write_model(folder, model="other", namespace="/tests", contacts=None)
    other = load_model(folder / "other.yaml")
    assert other.contacts == ("all@example.com", "other@example.com")
    assert other.schedule.cron == "0 6 * * *"


def test_a_change_of_what_is_shared_is_read(folder: Path) -> None:
    path = folder / f"{NAME}.yaml"
    before = load_model(path)
    (folder / "test" / "_defaults.yaml").write_text("tier: 1\n", encoding="utf-8")
    (folder / "_defaults.yaml").write_text(WIDE.replace("platform", "a-platform"), encoding="utf-8")
    assert (before.tier, load_model(path).tier, load_model(path).owner) == (2, 1, "a-platform")


def test_the_merged_yaml_says_the_same_and_where_it_stands(folder: Path) -> None:
    shown = merged_yaml(NAME, folder)

    assert yaml.safe_load(shown) == data_of(merged_root(folder / f"{NAME}.yaml"))
    places = dict(line.split("#") for line in shown.splitlines() if "#" in line)
    found = {value.strip(): place.strip().removeprefix(f"{folder}/") for value, place in places.items()}
    assert found["owner: platform"] == "_defaults.yaml:1"
    assert found["rows: 5"] == "_defaults.yaml:5"
    assert found["labels: 9"] == "test/shop/_defaults.yaml:3"
    assert found["contacts: [shop@example.com]"] == "test/shop/_defaults.yaml:4"
    assert found["- name: amount"] == "shop.yaml:4"
    assert found['description: "yes, two lines\\n"'] == "_defaults.yaml:7"


def test_another_plan_replaces_the_models_own_and_not_what_is_shared(folder: Path) -> None:
    with (folder / f"{NAME}.yaml").open("a", encoding="utf-8") as file:
        file.write("plan: {minimum: {label_share: 0.5}}\n")
    other = folder.parent / "other-plan.yaml"
    other.write_text("plan: {minimum: {rows: 99}}\n", encoding="utf-8")
    minimum = model_with_plan(NAME, folder, other).plan.minimum
    assert (minimum.rows, minimum.labels, minimum.label_share) == (99, 9, 0)


@pytest.mark.parametrize(
    ("where", "text", "problem"),
    [
        ("_defaults.yaml", "model: shop\n", "_defaults.yaml:1: model: 'model' is no default"),
        ("_defaults.yaml", "[a]\n", "_defaults.yaml:1: expected a mapping of keys that models share"),
        (
            "test/_defaults.yaml",
            "tier: 1\nplan:\n  minimum: {row: 3}\n",
            "test/_defaults.yaml:3: plan.minimum.row: unknown key, did you mean 'rows'?",
        ),
        ("_defaults.yaml", "tier: 1\ntier: 2\n", "_defaults.yaml:2: the key 'tier' comes twice here"),
        ("_defaults.yaml", "a: &x {b: *x}\n", "_defaults.yaml:1: the alias *x stands inside of what it"),
        (
            "tst/_defaults.yaml",
            "tier: 1\n",
            "tst/_defaults.yaml: no model is in the namespace '/tst' or below it, so nothing has these "
            "defaults, did you mean '/test'?",
        ),
    ],
)
def test_an_error_is_where_it_stands_and_comes_once(
    tmp_path: Path, where: str, text: str, problem: str
) -> None:
    write_model(tmp_path)
    write_model(tmp_path, model="twin")
    path = tmp_path / where
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")

    _, problems = lint_folder(tmp_path, tmp_path)

    (found,) = [str(one).removeprefix(f"{tmp_path}/") for one in problems]
    assert found.startswith(problem)


def test_defaults_alone_are_no_model(tmp_path: Path) -> None:
    (tmp_path / "_defaults.yaml").write_text("tier: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="there is no model here"):
        load_models(tmp_path)
