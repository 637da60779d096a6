"""The file of known answers: what it may hold, and one sentence a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daywatch.cli.lint import lint_folder
from daywatch.config.model.model import MonitoredModel
from daywatch.errors import ConfigurationError
from daywatch.validation.cases import read_known_answers
from models import model, write_model

GOOD = '{"case": "a", "features": {"amount": 1, "items": 2.0, "member": false, "country": null}, "probability": 1}'


def asked(**changes: Any) -> MonitoredModel:
    return model(known_answers={"file": "shop.jsonl"}, **changes)


def write(folder: Path, *lines: str | bytes) -> Path:
    content = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    (folder / "shop.jsonl").write_bytes(content)
    return folder


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read_known_answers(model(), tmp_path) == ()


def test_values_are_typed_as_captures_are(tmp_path: Path) -> None:
    second = '{"case": "b", "features": {"country": " DE "}, "prediction": "1", "probability": 0.25}'
    one, two = read_known_answers(asked(), write(tmp_path, GOOD, "", second + "\r", ""))
    assert one.features == {"amount": 1.0, "items": 2, "member": False, "country": None}
    assert [type(one.features[name]) for name in ("amount", "items")] == [float, int]
    assert one.expected == {"probability": 1.0}
    assert (two.case, two.features, two.expected) == (
        "b",
        {"country": "DE"},
        {"prediction": "1", "probability": 0.25},
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", ":2: this is not JSON: Expecting property name"),
        (b"\xff", ":2: this is not UTF-8"),
        ("[" * 100_000, ":2: this is nested too deeply"),
        ("[]", ":2: expected an object such as"),
        (GOOD.replace("1}", "NaN}"), ":2: NaN is not JSON; write null for a missing value"),
        (GOOD, ":2: case: the same as in line 1; keep one of the two"),
        (GOOD.replace('"a"', '"b"'), ":2: features: the same as in line 1"),
        (GOOD.replace('"a"', '""'), ":2: case: expected a name of 1 to 60 visible characters"),
        (GOOD.replace('"a"', '"a\\nb"'), ":2: case: expected a name"),
        (
            GOOD.replace('"case"', '"name"'),
            ":2: name: unknown key; accepted here: case, features, prediction, prob",
        ),
        (GOOD.replace('"items"', '"amount"'), ":2: amount: this key comes twice"),
        (
            GOOD.replace('"items"', '"item"'),
            r":2: features.item: there is no such feature, did you mean 'items'\?",
        ),
        (
            GOOD.replace("2.0", "2.5"),
            ":2: features.items: expected a whole number of 64 bits but received 2.5",
        ),
        (GOOD.replace("2.0", "1e300"), ":2: features.items: expected a whole number"),
        (GOOD.replace("2.0", "9" * 400), ":2: features.items: expected a whole number"),
        (
            GOOD.replace("2.0", "true"),
            ":2: features.items: expected a whole number of 64 bits but received true",
        ),
        (GOOD.replace('"amount": 1', '"amount": 1e999'), ":2: features.amount: expected a number"),
        (
            GOOD.replace('"amount": 1', '"amount": "1"'),
            ':2: features.amount: expected a number but received "1"',
        ),
        (GOOD.replace("false", "0"), ":2: features.member: expected true or false but received 0"),
        (GOOD.replace("null", '" "'), ':2: features.country: expected a text, such as "1",'),
        (
            GOOD.replace('"probability": 1', '"prediction": 1'),
            ':2: prediction: expected a text, such as "1",',
        ),
        (GOOD.replace('"probability": 1', '"probability": null'), ":2: probability: expected a number"),
        (
            '{"case": "b", "features": {}, "prediction": "1"}',
            ":2: features: expected an object of at least one",
        ),
        ('{"case": "b", "features": {"items": 1}}', ":2: expected an answer: prediction or probability"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(line: str | bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"shop\.jsonl{says}") as caught:
        read_known_answers(asked(), write(tmp_path, GOOD, line))
    assert len(caught.value.problems) == 1


def test_lists_of_probabilities(tmp_path: Path) -> None:
    output = {"task": "multiclass_classification", "response": ["probabilities"], "classes": ["a", "b"]}
    rules = [{"metric": "accuracy", "red": "< 0.5"}]
    one = asked(output=output, plan__rules=rules)
    line = '{"case": "a", "features": {"items": 1}, "prediction": "a", "probabilities": [1, 0]}'
    assert read_known_answers(one, write(tmp_path, line))[0].expected == {
        "prediction": "a",
        "probabilities": [1.0, 0.0],
    }
    for wrong, says in (("[1]", "expected a list of 2 numbers"), ('[1, "0"]', "expected a number")):
        with pytest.raises(ConfigurationError, match=rf":1: probabilities: {says}"):
            read_known_answers(one, write(tmp_path, line.replace("[1, 0]", wrong)))


def test_the_probability_of_a_vector_can_be_expected(tmp_path: Path) -> None:
    output = {"task": "binary_classification", "response": ["probabilities"], "classes": ["0", "1"]}
    line = '{"case": "a", "features": {"items": 1}, "probability": 0.25}'
    (case,) = read_known_answers(asked(output=output), write(tmp_path, line))
    assert case.expected == {"probability": 0.25}


def test_a_file_that_is_missing_or_empty(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"shop\.jsonl: cannot be read \(No such file or directory\)"
    ):
        read_known_answers(asked(), tmp_path)
    with pytest.raises(ConfigurationError, match=r"shop\.jsonl: expected lines such as"):
        read_known_answers(asked(), write(tmp_path, "", " "))


@pytest.mark.parametrize("name", ["../shop.jsonl", "/etc/shop.jsonl", "shop.csv", "s3://a/b.jsonl"])
def test_the_file_lies_beside_the_model(name: str) -> None:
    with pytest.raises(ValueError, match="known_answers.file"):
        model(known_answers={"file": name})


def test_lint_tells_of_it(tmp_path: Path) -> None:
    write_model(tmp_path, known_answers={"file": "shop.jsonl"})
    _, (problem,) = lint_folder(write(tmp_path, GOOD, "no"), tmp_path / "suites")
    assert str(problem).startswith(f"{tmp_path / 'shop.jsonl'}:2: this is not JSON: ")


def test_cases_do_not_name_what_the_model_redacts(tmp_path: Path) -> None:
    """They would hold the plain value, and no stored one is like it."""
    model = asked(redaction={"drop": ["country"]})

    with pytest.raises(
        ConfigurationError, match=r"shop\.jsonl:1: features.country: this feature is redacted"
    ):
        read_known_answers(model, write(tmp_path, GOOD))
