"""Slices in a model's YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daywatch.config.loading.load import load_model
from daywatch.config.model.slices import EMPTY, MISSING, OTHER, short
from daywatch.errors import ConfigurationError
from models import write_model

RULE = {"metric": "accuracy", "red": "< 0.5"}


def load(tmp_path: Path, slices: list[Any], *rules: dict[str, Any]) -> Any:
    return load_model(write_model(tmp_path, slices=slices, plan__rules=[RULE, *rules]))


def test_what_may_be_written(tmp_path: Path) -> None:
    model = load(
        tmp_path,
        [
            {"by": "country", "top": 5},
            {"by": ["country", "member"], "minimum_rows": 30, "minimum_labels": 5},
            {"name": "large", "where": "amount > 100 AND member"},
        ],
        {**RULE, "slice": "country=DE"},
        {**RULE, "slice": "country & member=(other)"},
        {**RULE, "slice": "country=DE & member=true"},
        {**RULE, "slice": "large"},
        {"metric": "null_share", "column": "amount", "slice": "any", "red": "> 50 %"},
        {"metric": "rows_share", "slice": "large", "amber": "changes by 50 %"},
    )
    assert [one.by for one in model.slices] == [("country",), ("country", "member"), ()]
    assert [one.label for one in model.slices] == ["country", "country & member", "large"]
    assert model.plan.rules[1].text == "accuracy of country=DE: red < 0.5"


@pytest.mark.parametrize(
    ("slicing", "key", "error"),
    [
        ({}, "slices[0]", "expected 'by' with one or two columns, or 'where' with an expression and 'name'"),
        ({"by": "country", "where": "member", "name": "x"}, "slices[0]", "expected 'by' with one or two"),
        ({"where": "member"}, "slices[0]", "'where' needs a 'name'"),
        ({"by": "country", "name": "x"}, "slices[0]", "'by' takes none"),
        ({"where": "member", "name": "x", "top": 3}, "slices[0]", "'top' belongs to 'by'"),
        ({"where": "member", "name": "any"}, "slices[0]", "'any' stands for all slices"),
        ({"where": "member", "name": "a=b"}, "slices[0].name", "expected a name of at most 60 letters"),
        ({"by": ["country", "Country"]}, "slices[0]", "expected two different columns"),
        ({"by": ["country", "member", "items"]}, "slices[0].by", "a list of at most 2 entries"),
        ({"by": "county"}, "slices[0].by", "received 'county', did you mean 'country'?"),
        (
            {"by": "label"},
            "slices[0].by",
            "expected names of stored features or kept values, but received 'label'",
        ),
        ({"by": "amount"}, "slices[0].by", "'amount' is of type number"),
        ({"by": "country", "top": 0}, "slices[0].top", "a number of at least 1"),
        ({"name": "x", "where": "amount >"}, "slices[0].where", "this is not an SQL expression"),
        ({"name": "x", "where": "label = '1'"}, "slices[0].where", "there is no column 'label' here"),
        ({"bye": "country"}, "slices[0].bye", "unknown key, did you mean 'by'?"),
    ],
)
def test_an_error(tmp_path: Path, slicing: dict[str, Any], key: str, error: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, [slicing])
    assert [(one.where, error in one.message) for one in caught.value.problems] == [(key, True)]


def test_slices_of_a_column_are_never_called_as_those_of_versions(tmp_path: Path) -> None:
    features = [{"name": "version", "type": "category"}, {"name": "version=2", "type": "category"}]
    path = write_model(tmp_path, features=features, slices=[{"by": "version"}, {"by": "version=2"}])
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    assert [
        "would have the names of the slices of versions" in one.message for one in caught.value.problems
    ] == [
        True,
        True,
    ]


def test_a_column_that_is_dropped_is_no_slice(tmp_path: Path) -> None:
    path = write_model(
        tmp_path,
        redaction={"drop": ["country"]},
        slices=[{"by": "country"}, {"name": "x", "where": "country = 'DE'"}],
    )
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    assert [one.where for one in caught.value.problems] == ["slices[0].by", "slices[1].where"]


def test_no_more_slices_than_can_be_stored_and_none_twice(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected at most 200 slices, .* but these are 204"):
        load(tmp_path, [{"by": name, "top": 100} for name in ("country", "member")])
    with pytest.raises(ConfigurationError, match="these come twice: country"):
        load(tmp_path, [{"by": "country"}, {"by": "country", "top": 2}])


@pytest.mark.parametrize(
    ("rule", "key", "error"),
    [
        (
            {**RULE, "slice": "county=DE"},
            "slice",
            "accepted: any, country=..., country=... & member=..., large",
        ),
        ({**RULE, "slice": "larg"}, "slice", "there is no slice 'larg', did you mean 'large'?"),
        ({**RULE, "slice": "large=x"}, "slice", "there is no slice 'large=x'"),
        ({**RULE, "slice": "a\nb"}, "slice", "expected a name without line breaks"),
        ({"metric": "records", "slice": "large", "red": "< 1"}, "slice", "records is not measured of slices"),
        ({"metric": "rows_share", "red": "< 1 %"}, "metric", "rows_share is about slices: add 'slice'"),
        (
            {"metric": "drift_score", "column": "amount", "slice": "large", "over": 1, "red": "> 1"},
            "slice",
            "rules about stored profiles take no slice",
        ),
    ],
)
def test_an_error_in_a_rule(tmp_path: Path, rule: dict[str, Any], key: str, error: str) -> None:
    slices = [{"by": "country"}, {"by": ["country", "member"]}, {"name": "large", "where": "amount > 1"}]
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, slices, rule)
    found = [one.message for one in caught.value.problems if one.where == f"plan.rules[1].{key}"]
    assert [error in message for message in found] == [True]


def test_a_rule_on_slices_where_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="accepted: none, because the model has no 'slices'"):
        load(tmp_path, [], {**RULE, "slice": "any"})


@pytest.mark.parametrize("text", ["JFK", "a=b", "a & b", "x" * 58, "é"])
def test_what_can_be_read_stays(text: str) -> None:
    assert short(text) == text


@pytest.mark.parametrize("text", ["x" * 59, "a\nb", "\u202e", OTHER, MISSING, EMPTY])
def test_what_is_shortened_or_made_harmless_is_marked(text: str) -> None:
    assert short(text) != text
    assert short(text)[-13] == "#"
    assert len(short(text)) <= 58
    assert short(text).isprintable()
    assert short(text + "x") != short(text)
