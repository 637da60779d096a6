"""A person's edits survive every rebuild of the baseline."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from daywatch.errors import ConfigurationError
from daywatch.validation.fingerprint import content_fingerprint, expectation_key, fingerprint
from daywatch.validation.suite import merge, read_suite, write_suite
from hypothesis import given
from hypothesis import strategies as st

TYPES = (
    "expect_column_values_to_be_between",
    "expect_column_values_to_not_be_null",
    "expect_column_to_exist",
)


def suggested(drafts: dict[tuple[str, str], float], release: str = "1") -> dict[str, Any]:
    expectations = []
    for (kind, column), mostly in sorted(drafts.items()):
        draft: dict[str, Any] = {
            "type": kind,
            "kwargs": {"column": column, "mostly": mostly},
            "severity": "warning",
        }
        expectations.append({**draft, "meta": {"daywatch": {"suggested": content_fingerprint(draft)}}})
    known = [expectation_key(expectation) for expectation in expectations]
    meta = {"great_expectations_version": release, "daywatch": {"suggested": known}}
    return {"name": "m", "id": "i", "expectations": expectations, "meta": meta, "notes": None}


def content(suite: dict[str, Any]) -> dict[str, float]:
    return {expectation_key(e): e["kwargs"]["mostly"] for e in suite["expectations"]}


EXIST, NULL = ("expect_column_to_exist", "a"), ("expect_column_values_to_not_be_null", "a")
OLD = suggested({EXIST: 0.9, NULL: 0.8})


def test_without_a_file_it_is_the_suggestion() -> None:
    assert merge(OLD, None) == OLD


def test_what_nobody_touched_follows_the_baseline() -> None:
    new = suggested({EXIST: 0.5, NULL: 0.8}, "2")
    assert merge(new, OLD) == new


def test_what_is_no_longer_suggested_goes_and_may_come_back() -> None:
    less = merge(suggested({EXIST: 0.9}), OLD)
    assert content(less) == {'expect_column_to_exist("a")': 0.9}
    assert content(merge(OLD, less)) == content(OLD)


def test_a_touched_expectation_stays() -> None:
    edited = copy.deepcopy(OLD)
    edited["expectations"][0]["kwargs"]["mostly"] = 0.42
    edited["expectations"][1]["severity"] = "info"
    merged = merge(suggested({EXIST: 0.1, NULL: 0.1}), edited)
    assert merged["expectations"] == edited["expectations"]


def test_a_removed_expectation_stays_away() -> None:
    edited = copy.deepcopy(OLD)
    del edited["expectations"][0]
    once = merge(suggested({NULL: 0.7}), edited)
    twice = merge(suggested({EXIST: 0.6, NULL: 0.6}), once)
    assert content(twice) == {'expect_column_values_to_not_be_null("a")': 0.6}


def test_a_persons_own_stays_and_new_suggestions_come_last() -> None:
    own = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "a", "mostly": 1}, "meta": None}
    edited = {
        **OLD,
        "expectations": [own, *OLD["expectations"]],
        "notes": "ours",
        "meta": {**OLD["meta"], "by": "me"},
    }
    merged = merge(suggested({EXIST: 0.9, NULL: 0.8, ("expect_column_to_exist", "b"): 1.0}), edited)
    assert merged["expectations"][0] == own
    assert expectation_key(merged["expectations"][-1]) == 'expect_column_to_exist("b")'
    assert (merged["notes"], merged["meta"]["by"]) == ("ours", "me")


def test_an_own_expectation_replaces_the_suggestion_of_its_name() -> None:
    own = {"type": EXIST[0], "kwargs": {"column": "a", "mostly": 0.3}}
    assert merge(OLD, {"name": "m", "expectations": [own]})["expectations"][0] == own
    assert content(merge(OLD, {"name": "m", "expectations": [own]}))['expect_column_to_exist("a")'] == 0.3


def test_rewriting_a_number_is_not_an_edit() -> None:
    edited = copy.deepcopy(suggested({EXIST: 1.0}))
    edited["expectations"][0]["kwargs"]["mostly"] = 1
    assert content(merge(suggested({EXIST: 0.5}), edited)) == {'expect_column_to_exist("a")': 0.5}


keys = st.tuples(st.sampled_from(TYPES), st.sampled_from("abc"))
shares = st.sampled_from([0.1, 0.5, 0.9])
drafts = st.dictionaries(keys, shares, max_size=6)


@st.composite
def edits(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, float], set[str]]:
    """An edited suite, the expectations a person changed or wrote, and the keys that were removed."""
    suite = copy.deepcopy(suggested(draw(drafts)))
    kept, changed, removed = [], {}, set()
    for expectation in suite["expectations"]:
        action = draw(st.sampled_from(["leave", "change", "remove"]))
        if action == "remove":
            removed.add(expectation_key(expectation))
            continue
        if action == "change":
            expectation["kwargs"]["mostly"] = 0.33
            changed[expectation_key(expectation)] = 0.33
        kept.append(expectation)
    if draw(st.booleans()):
        kept.append({"type": "expect_column_mean_to_be_between", "kwargs": {"column": "z", "mostly": 0.77}})
        changed['expect_column_mean_to_be_between("z")'] = 0.77
    return {**suite, "expectations": draw(st.permutations(kept))}, changed, removed


@given(edits(), st.lists(drafts, min_size=1, max_size=4))
def test_edits_survive_any_rebuilds(
    edit: tuple[dict[str, Any], dict[str, float], set[str]], rebuilds: list[dict[tuple[str, str], float]]
) -> None:
    suite, changed, removed = edit
    for rebuild in rebuilds:
        new = suggested(rebuild)
        before = content(suite)
        suite = merge(new, suite)
        after = content(suite)
        assert changed.items() <= after.items()
        assert not removed & set(after)
        assert after == {key: share for key, share in content(new).items() if key not in removed} | changed
        assert merge(new, suite) == suite
        assert [key for key in after if key in before] == [key for key in before if key in after]


@given(drafts)
def test_merging_the_same_suggestion_changes_nothing(draft: dict[tuple[str, str], float]) -> None:
    assert merge(suggested(draft), suggested(draft)) == suggested(draft)


def test_written_suites_read_back_the_same(tmp_path: Path, suite: dict[str, Any]) -> None:
    path = tmp_path / "suites" / "flights.json"
    write_suite(path, suite)
    first = path.read_bytes()
    assert read_suite(path) == suite
    write_suite(path, read_suite(path))
    assert path.read_bytes() == first
    assert first.endswith(b"}\n")


def test_fingerprint_is_of_what_is_checked(suite: dict[str, Any]) -> None:
    noted = {**suite, "notes": "x", "name": "other", "meta": {}}
    assert fingerprint(noted) == fingerprint(suite)
    changed = copy.deepcopy(suite)
    changed["expectations"][0]["severity"] = "critical"
    assert fingerprint(changed) != fingerprint(suite)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "expectations": [\n  {]\n}', r"flights\.json:3: this is not JSON: .*column 4"),
        ("[]", r'flights\.json:1: expected an object with "name" and a list "expectations"'),
        ('{"expectations": [{"type": "x", "kwargs": {"a": NaN}}]}', r"flights\.json: NaN is not JSON"),
        (
            '{\n"meta": {"expectations": [1]},\n"expectations": [\n'
            '{"type": "expect_column_to_exist", "kwargs": {"column": "a"}},\n\n'
            '{"type": "expect_column_to_exsit", "kwargs": {"column": "a"}}]}',
            r"flights\.json:6: expectations\[1\]: 'expect_column_to_exsit' is not among .*, "
            r"did you mean 'expect_column_to_exist'\?",
        ),
        (
            '{"expectations": [\n{"type": "expect_column_values_to_be_between", '
            '"kwargs": {"column": "a", "min_value": 0, "mostly": 7}}]}',
            r"flights\.json:2: expectations\[0\]: mostly: ",
        ),
        ('{"expectations": [\n{"type": "expect_column_to_exist"}]}', r"flights\.json:2: .*column: "),
        ('{"expectations": [\n\n7]}', r'flights\.json:3: expectations\[0\]: expected an object with "type"'),
        (
            '{"expectations": [{"type": "expect_column_to_exist", '
            '"kwargs": {"column": "a"}, "severity": "bad"}]}',
            r"flights\.json:1: .*'bad' is not a valid",
        ),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "flights.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_suite(path)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "flights.json"
    path.write_text(json.dumps({"expectations": [{"type": "expect_x", "kwargs": {}}, 7]}, indent=1))
    with pytest.raises(ConfigurationError) as raised:
        read_suite(path)
    assert [problem.where for problem in raised.value.problems] == ["expectations[0]", "expectations[1]"]
