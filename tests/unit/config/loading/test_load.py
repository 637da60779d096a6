"""Every error in a model's YAML: file, line, what was expected, the nearest match."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from daywatch.config.loading.load import find_model, load_model, load_models
from daywatch.errors import ConfigurationError, Problem
from models import YAML, content, write_model

PROJECT = Path(__file__).resolve().parents[4]


def problems(path: Path) -> tuple[Problem, ...]:
    """Return the errors of a file."""
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    return caught.value.problems


def line_of(path: Path, text: str) -> int:
    """Return the number of the one line that holds a text."""
    (number,) = [n for n, line in enumerate(path.read_text().splitlines(), start=1) if text in line]
    return number


def test_the_models_of_this_project_are_well() -> None:
    flights, newark, service = load_models(PROJECT / "include" / "models")

    assert [one.model for one in (flights, newark, service)] == [
        "flights",
        "flights_newark",
        "flights_service",
    ]
    assert flights.features == newark.features == service.features
    assert flights.feature("hour").description.startswith("Scheduled hour")
    with pytest.raises(KeyError):
        flights.feature("minute")


def test_a_model_is_frozen(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path))

    with pytest.raises(ValueError, match="frozen"):
        model.owner = "somebody else"  # type: ignore[misc]


RULE = {"metric": "roc_auc", "green": ">= 0.8"}
ERRORS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # name: (change, dotted place, text in its line, message)
    "unknown key": (
        {"ownr": "me"},
        "ownr",
        "ownr:",
        "unknown key, did you mean 'owner'?; accepted here: model, namespace, description, owner, contacts",
    ),
    "unknown key below": (
        {"capture__end_point": "x"},
        "capture.end_point",
        "end_point:",
        "unknown key, did you mean 'endpoint'?; accepted here: source, endpoint, variant, prefix",
    ),
    "unknown key in a list": (
        {"plan__rules": [RULE | {"yellow": "> 1"}]},
        "plan.rules[0].yellow",
        "yellow:",
        "unknown key; accepted here: for, every, metric, q, beta, column, class_name, slice,",
    ),
    "missing key": ({"owner": None}, "owner", "model: shop", "this key is required but missing"),
    "wrong word": (
        {"output__task": "binary"},
        "output.task",
        "task:",
        "expected one of binary_classification, multiclass_classification, regression but received 'binary'",
    ),
    "wrong source": (
        {"capture__source": "sagemaker"},
        "capture.source",
        "source: sagemaker",
        "expected one of sagemaker_realtime, sagemaker_batch, transaction_records, table, kserve_log, sql but received 'sagemaker'",
    ),
    "column type": (
        {"features": [{"name": "a", "type": "numeric"}]},
        "features[0].type",
        "type: numeric",
        "expected one of number, integer, boolean, category, text but received 'numeric'",
    ),
    "not a number": ({"tier": "high"}, "tier", "tier:", "expected a whole number, but received 'high'"),
    "too large": ({"tier": 9}, "tier", "tier:", "expected a number of at most 4, but received 9"),
    "not a date": (
        {"baseline__first": "soon"},
        "baseline.first",
        "first: soon",
        "expected a day such as 2024-03-31",
    ),
    "list wanted": ({"contacts": "a@b.c"}, "contacts", "contacts:", "expected a list, but received 'a@b.c'"),
    "mapping wanted": (
        {"capture": "x"},
        "capture",
        "capture: x",
        "expected keys such as source, endpoint, variant, prefix, but received 'x'",
    ),
    "no contacts": ({"contacts": []}, "contacts", "contacts:", "a list of at least 1 entries"),
    "not an address": ({"contacts": ["me@"]}, "contacts[0]", "- me@", "but received 'me@'"),
    "hostile endpoint": ({"capture__endpoint": "../../etc"}, "capture.endpoint", "endpoint:", "../../etc"),
    "hostile prefix": (
        {"labels__prefix": "a/../../b "},
        "labels.prefix",
        "prefix:",
        "expected a folder without '..'",
    ),
    "hostile name": (
        {"model": "Robert'); DROP"},
        "model",
        "model:",
        "expected a name of at most 63 lower-case",
    ),
    "name of a page": (
        {"model": "metrics"},
        "model",
        "model:",
        "'metrics' is an address of the pages, /daywatch/metrics; choose another name for the model",
    ),
    "hostile trainer": (
        {"retraining": {"trainer": "os.system"}},
        "retraining.trainer",
        "trainer:",
        "expected package.module:function, such as 'shop.training:train', but received 'os.system'",
    ),
    "two predictions": (
        {"output__response": ["prediction", "prediction"]},
        "output.response",
        "response:",
        "expected one 'prediction' (or 'probability', or 'probabilities'), and each at most once",
    ),
    "probability of a number": (
        {"output": {"task": "regression", "response": ["prediction", "probability"]}},
        "output",
        "output:",
        "'probability' is for binary_classification, but the task is regression",
    ),
    "confidence without a prediction": (
        {"output__response": ["probability"], "output__confidence_of": "prediction"},
        "output",
        "output:",
        "'confidence_of: prediction' needs 'prediction' and 'probability' in the response",
    ),
    "confidence in one of which classes": (
        {"output__positive_class": "bad", "output__confidence_of": "prediction"},
        "output",
        "output:",
        "needs both classes: add 'negative_class', the class other than 'bad'",
    ),
    "percent of nothing": (
        {"output": {"task": "regression", "response": ["prediction"], "scale": "percent"}},
        "output",
        "output:",
        "'scale' is for a response with 'probability' or 'probabilities'",
    ),
    "neither days nor data set": (
        {"baseline": {"first": "2024-03-01"}},
        "baseline",
        "baseline:",
        "expected 'first' and 'last', the days of the baseline, or 'dataset'",
    ),
    "days and data set": (
        {"baseline__dataset": "train.csv"},
        "baseline",
        "baseline:",
        "expected 'first' and 'last', or 'dataset', but received both",
    ),
    "days with a label": (
        {"baseline__label": "y"},
        "baseline",
        "baseline:",
        "label: only a baseline with 'dataset' has these",
    ),
    "hostile data set": (
        {"baseline": {"dataset": "../../etc/passwd.csv"}},
        "baseline.dataset",
        "dataset:",
        "expected a file, a folder, or files such as 'training/part-*.parquet', below the data URI",
    ),
    "no column": (
        {"baseline": {"dataset": "train.csv", "label": -1}},
        "baseline.label",
        "label: -1",
        "expected the name of a column, or its number from 0, but received -1",
    ),
    "days the wrong way round": (
        {"baseline": {"first": "2024-03-02", "last": "2024-03-01"}},
        "baseline",
        "baseline:",
        "last (2024-03-01) is before first (2024-03-02)",
    ),
    "feature twice": (
        {"features": [{"name": "a", "type": "number"}, {"name": "a", "type": "number"}]},
        "features",
        "features:",
        "feature names must differ in more than capital letters, but these do not: a",
    ),
    "feature in capitals": (
        {"features": [{"name": "Größe", "type": "number"}, {"name": "größe", "type": "number"}]},
        "features",
        "features:",
        "but these do not: Größe, größe",
    ),
    "reserved feature": (
        {"features": [{"name": "Label", "type": "number"}]},
        "features",
        "features:",
        "these names are Daywatch's own columns: Label; rename the features",
    ),
    "feature without a name": (
        {"features": [{"name": "", "type": "number"}]},
        "features[0].name",
        "name: ''",
        "expected a name with a letter or a digit, but received ''",
    ),
    "no condition": (
        {"plan__rules": [{"metric": "roc_auc"}]},
        "plan.rules[0]",
        "metric: roc_auc",
        "expected at least one of 'green', 'amber', 'red'",
    ),
    "two readings": (
        {"plan__rules": [RULE | {"amber": "> 1"}]},
        "plan.rules[0]",
        "metric: roc_auc",
        "give 'green' or 'amber', not both",
    ),
    "no such condition": (
        {"plan__rules": [{"metric": "roc_auc", "red": "at most 0.7"}]},
        "plan.rules[0].red",
        "red: at most",
        "expected a condition such as '>= 0.8', '> 5 %', 'falls by 10 %', "
        "'rises beyond chance' or 'outside the band', but received 'at most 0.7'",
    ),
    "hostile class": (
        {"plan__rules": [{"metric": "recall", "class_name": "a\nb", "red": "< 1"}]},
        "plan.rules[0].class_name",
        "class_name:",
        "expected a name without line breaks and other control characters, but received 'a\\nb'",
    ),
    "a number for text": (
        {"owner": 7},
        "owner",
        "owner:",
        "expected text, but received 7: write it in quotes, '7'",
    ),
    "a sign for a name": (
        {"features": [{"name": "*", "type": "number"}]},
        "features[0].name",
        "name: '*'",
        "expected a name with a letter or a digit, but received '*'",
    ),
    "a place that is neither": (
        {"features": [{"name": "a", "type": "number", "at": "customer.age"}]},
        "features[0].at",
        "at:",
        "expected a number from 0 in CSV, or a path in JSON such as '$.customer.age', but received 'customer.age'",
    ),
    "a folder above": (
        {"capture__prefix": "a/../b"},
        "capture.prefix",
        "prefix: a",
        "expected a folder without '..', such as 'captures/shop', but received 'a/../b'",
    ),
    "an owner too long for a tag": (
        {"owner": "o" * 95},
        "owner",
        "owner:",
        "expected text of at most 94 characters",
    ),
    "a control character in a text": (
        {"description": "a\x00b"},
        "description",
        "description:",
        "expected text without control characters, but received 'a\\x00b'",
    ),
    "an owner with a line break": ({"owner": "a\nb"}, "owner", "owner:", "without line breaks"),
    "a cron expression of six fields": (
        {"schedule__cron": "0 0 6 * * *"},
        "schedule.cron",
        "cron:",
        "expected five fields (minute, hour, day, month, weekday), such as '0 6 * * *' for six in the morning",
    ),
    "a cron expression out of range": (
        {"schedule__cron": "99 6 * * *"},
        "schedule.cron",
        "cron:",
        "expected a cron",
    ),
    "a cron expression that never fires": (
        {"schedule__cron": "0 6 31 2 *"},
        "schedule.cron",
        "cron:",
        "expected a cron expression that fires",
    ),
    "a deadline without end": (
        {"schedule__deadline_minutes": 10**12},
        "schedule.deadline_minutes",
        "dead",
        "43200",
    ),
    "no lift": (
        {"performance": {"lift_at": 0}},
        "performance.lift_at",
        "lift_at:",
        "expected a number above 0, but received 0",
    ),
}


@pytest.mark.parametrize(("changes", "where", "text", "message"), ERRORS.values(), ids=ERRORS)
def test_an_error(tmp_path: Path, changes: dict[str, Any], where: str, text: str, message: str) -> None:
    path = write_model(tmp_path, **changes)
    path = path.rename(tmp_path / "shop.yaml")

    (problem,) = problems(path)

    assert (problem.file, problem.where) == (str(path), where)
    assert problem.line == line_of(path, text)
    assert message in problem.message
    assert str(problem).startswith(f"{path}:{problem.line}: {where}: ")


@pytest.mark.parametrize(
    "name", ["two\nlines", "tab\there", "nul\x00", "bell\x07", "sep\u2028", "esc\x1b[31m"]
)
def test_a_features_name_has_no_control_characters(tmp_path: Path, name: str) -> None:
    path = write_model(tmp_path, features=[{"name": name, "type": "number"}])

    (problem,) = problems(path)

    assert problem.where == "features[0].name"
    assert problem.message == (
        f"expected a name without line breaks and other control characters, but received {name!r}"
    )


@pytest.mark.parametrize("name", ["EVENT_ID", "prediction", "file_row_number", "Draw_Key"])
def test_daywatchs_own_columns_are_reserved(tmp_path: Path, name: str) -> None:
    (problem,) = problems(write_model(tmp_path, features=[{"name": name, "type": "number"}]))

    assert problem.message == f"these names are Daywatch's own columns: {name}; rename the features"


def test_all_mistakes_of_a_file_at_once_in_its_order(tmp_path: Path) -> None:
    path = write_model(tmp_path, tier=7, ownr="x", output__task="guess", schedule__cron=5)

    found = problems(path)

    assert [problem.where for problem in found] == ["output.task", "schedule.cron", "tier", "ownr"]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_right_sections_are_compared_though_others_are_wrong(tmp_path: Path) -> None:
    rules = [{"metric": "roc_auk", "red": "< 1"}, {"metric": "rows", "red": "at most 1"}]
    path = write_model(
        tmp_path,
        model="other",
        tier=7,
        plan__rules=rules,
        schedule__first_window="2024-03-01",
        drift__numeric={"method": "kss"},
    )
    path = path.rename(tmp_path / "shop.yaml")

    assert [problem.where for problem in problems(path)] == [
        "model",
        "drift.numeric.method",
        "plan.rules[0].metric",
        "plan.rules[1].red",
        "schedule.first_window",
        "tier",
    ]


def test_what_is_wrong_is_compared_with_nothing(tmp_path: Path) -> None:
    path = write_model(
        tmp_path, features=[{"name": "a", "type": "numbr"}], output__task="guess", model="shop"
    )

    assert [problem.where for problem in problems(path)] == ["features[0].type", "output.task"]


def test_a_list_is_not_also_too_short_when_its_items_are_wrong(tmp_path: Path) -> None:
    path = write_model(tmp_path, features=[{"name": "a", "type": "numbr"}])

    assert [problem.where for problem in problems(path)] == ["features[0].type"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "expected a mapping of keys such as 'model: flights'"),
        ("# nothing\n", 1, "expected a mapping"),
        ("- a\n- b\n", 1, "expected a mapping"),
        ("just text", 1, "expected a mapping"),
        (
            "model: shop\n  owner: x\n",
            2,
            "this is not valid YAML: mapping values are not allowed in this context",
        ),
        ("model: [shop\nowner: x\n", 2, "this is not valid YAML:"),
        ("model: 'shop\n", 2, "this is not valid YAML:"),
        ("model: shop\nowner: \tx\n\tb: c\n", 3, "this is not valid YAML:"),
        ("model: shop\nowner: *me\n", 2, "this is not valid YAML: found undefined alias"),
        (
            "model: !!python/object/apply:os.system [id]\n",
            1,
            "this is not valid YAML: could not determine a con",
        ),
        ("a: 1\n---\nb: 2\n", 2, "this is not valid YAML: but found another document"),
        ("model: shop\nbaseline:\n  first: 2013-02-30\n", 3, "this is not valid YAML: day"),
        ("tier: !!int high\n", 1, "this is not valid YAML: invalid literal for int()"),
        ("model: a\nmodel: b\n", 2, "the key 'model' comes twice here; keep one of them"),
        ("plan:\n  minimum: {rows: 1, rows: 2}\n", 2, "the key 'rows' comes twice here"),
        ("model: \x07\n", 0, "this is not valid YAML: unacceptable character #x0007"),
    ],
)
def test_what_is_not_a_mapping_in_yaml(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(text)

    (problem,) = problems(path)

    assert (problem.line, problem.where) == (line, "")
    assert message in problem.message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes(b"model: \xff\n")

    (problem,) = problems(path)

    assert problem.message == "expected UTF-8, but byte 7 is not: save the file as UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        "? [a, b]\n: c\n",
        "1: x\n",
        "a: &me [*me]\n",
        "a: &x {b: &y [1]}\nc: [*x, *x, *y]\n",
        "? {a: 1}\n: 2\n",
    ],
)
def test_odd_yaml_is_a_mistake_and_no_crash(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(text)

    assert problems(path)


def test_find_model_names_the_nearest(tmp_path: Path) -> None:
    write_model(tmp_path)

    assert find_model("shop", tmp_path).model == "shop"
    with pytest.raises(
        ConfigurationError, match="there is no model 'shpo', did you mean 'shop'.; models here: shop"
    ):
        find_model("shpo", tmp_path)
    with pytest.raises(ConfigurationError, match="nowhere: there is no such folder, .*: see DAYWATCH_MODELS"):
        find_model("x", tmp_path / "nowhere")


def test_load_models_tells_the_mistakes_of_all_files(tmp_path: Path) -> None:
    write_model(tmp_path, model="good")
    write_model(tmp_path, model="one", tier=9)
    write_model(tmp_path, model="two", owner=None)

    with pytest.raises(ConfigurationError) as caught:
        load_models(tmp_path)

    assert [(Path(one.file).name, one.where) for one in caught.value.problems] == [
        ("one.yaml", "tier"),
        ("two.yaml", "owner"),
    ]


def test_the_sample_of_these_tests_is_the_whole_model(tmp_path: Path) -> None:
    model = load_model(write_model(tmp_path))

    assert set(YAML) <= set(type(model).model_fields)
    assert content(labels=None).get("labels") is None


def test_a_calendar_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = write_model(tmp_path, schedule__silent={"calendar": "closed"}, plan__holidays="closed")
    calendar = tmp_path / "calendars" / "closed.txt"
    calendar.parent.mkdir()
    calendar.write_text("# 2024\n\n2024-12-26 Boxing Day\n2024-12-25\n")
    model = load_model(path)
    assert model.schedule.silent is not None
    assert model.schedule.silent.calendar == (date(2024, 12, 25), date(2024, 12, 26)) == model.plan.holidays
    calendar.write_text("2025-01-01\n")
    assert load_model(path).plan.holidays == (date(2025, 1, 1),)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("closd", "2024-12-25", "there is no calendar 'closd', did you mean 'closed'?"),
        ("closed", "2024-12-25\n25.12.2024", "line 2: expected a date such as 2024-12-25"),
        ("closed", "# nothing yet", "expected 1 to 10,000 days, but there are 0"),
    ],
)
def test_a_calendar_with_an_error(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = write_model(tmp_path, plan__holidays=name)
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "closed.txt").write_text(text)
    (problem,) = problems(path)
    assert (problem.where, problem.line) == ("plan.holidays", line_of(path, "holidays"))
    assert message in problem.message
