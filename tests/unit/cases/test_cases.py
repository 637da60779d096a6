"""Inputs that people's own systems write, each through the command line: what must come out.

A case is a function that writes files, and one that looks at what was said. All run in one process.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from cases import DAY, DAYS, Case, Said, as_base64, as_json, capture, dice, monitor, truth

REGRESSION = {"task": "regression", "response": ["prediction"]}
TABLE = {"source": "table", "prefix": "table", "id_column": "id"}
BINARY = {"task": "binary_classification", "response": ["prediction"]}


def close(value: float | None, expected: float, by: float = 0.005) -> bool:
    return value is not None and abs(value - expected) <= by


def html_that_is_json(case: Case) -> None:
    """Requests of named lists, answers that Flask sends as text/html, in a model whose YAML does not say so."""
    numbers = dice(1)
    for day in DAYS:
        lines = []
        for n in range(40):
            answer = as_base64(f"<html>{numbers.random():.3f}</html>", "text/html; charset=utf-8")
            lines.append(capture(f"{day}-{n}", day, as_json({"x": [numbers.random()]}), answer))
        case.captures(day, lines)
    case.model(
        {"x": {"type": "number", "at": "$.x[0]"}}, REGRESSION, {"metric": "rows", "red": "< 1"}, labels=None
    )


def refusal_says_what_was_read(said: Said) -> None:
    assert said.codes[1] == 4
    assert "120 records read" in said.baseline
    assert "120 quarantined" in said.baseline
    assert "such as a.jsonl, record 1: " in said.baseline
    identity = said.baseline.rsplit("--baseline ", 1)[1].split("`")[0]
    code, kept = said.command("quarantine", "--model", "m", "--baseline", identity)
    assert code == 0
    assert "endpoint/AllTraffic/2024/03/01/10/a.jsonl, record 1" in kept


def labels_that_are_no_numbers(case: Case) -> None:
    """Labels of a regression that are words."""
    numbers = dice(2)
    for day in DAYS:
        events = [f"{day}-{n}" for n in range(30)]
        case.captures(day, [capture(one, day, f"{numbers.random():.3f}", "1.5") for one in events])
        case.labels(day, [truth(one, "late") for one in events])
    case.model({"x": "number"}, REGRESSION, {"metric": "rmse", "red": "> 5"})


def refusal_says_what_became_of_the_labels(said: Said) -> None:
    assert said.codes[1] == 4
    assert "has 0 labelled rows, expected at least 1" in said.baseline
    assert "90 labels quarantined" in said.baseline
    assert "no_label (90 labels), such as a.jsonl, record 1: expected" in said.baseline


def labels_of_other_ids(case: Case) -> None:
    """Labels whose ids are those of another system."""
    numbers = dice(3)
    for day in DAYS:
        events = [f"{day}-{n}" for n in range(30)]
        case.captures(day, [capture(one, day, f"{numbers.random():.3f}", "1.5") for one in events])
        case.labels(day, [truth(f"order-{one}", "1.0") for one in events])
    case.model({"x": "number"}, REGRESSION, {"metric": "rmse", "red": "> 5"})


def refusal_says_that_ids_do_not_match(said: Said) -> None:
    assert said.codes[1] == 4
    assert "90 labels of no row of these days, such as that of 'order-2024-03-01-0'" in said.baseline


def words_for_numbers(case: Case) -> None:
    """Every second value of a column is ``n/a`` on the day."""
    numbers = dice(4)
    for day in DAYS:
        values = [f"{numbers.random():.3f}" for _ in range(20)]
        if day == DAY:
            values = [value if n % 2 else "n/a" for n, value in enumerate(values)]
        case.captures(day, [capture(f"{day}-{n}", day, f"1.0,{one}", "0.5") for n, one in enumerate(values)])
    case.model(
        {"a": "number", "b": "number"}, REGRESSION, {"metric": "quarantined", "amber": "> 0"}, labels=None
    )


def report_says_why(said: Said) -> None:
    assert "AMBER m" in said.run
    for shown in (said.run, said.text, said.page):
        joined = " ".join(shown.replace("\N{NO-BREAK SPACE}", " ").split())
        assert "not_a_number in b" in joined
        assert "10 records" in joined
        assert "a.jsonl, record 1: b: expected a number, but received n/a" in joined


def classes_without_a_common_spelling(case: Case) -> None:
    """Predictions are ``yes`` and ``no``, labels are German."""
    numbers = dice(5)
    for day in DAYS:
        lines, known = [], []
        for n in range(40):
            said = numbers.random() < 0.5
            lines.append(capture(f"{day}-{n}", day, f"{numbers.random():.3f}", "yes" if said else "no"))
            known.append(truth(f"{day}-{n}", "ja" if said else "nein"))
        case.captures(day, lines)
        case.labels(day, known)
    output = {**BINARY, "positive_class": "yes"}
    case.model({"x": "number"}, output, {"metric": "accuracy", "red": "falls by 30 %"})


def refusal_names_both_sides(said: Said) -> None:
    assert said.codes[1] == 4
    assert "predictions and labels share no class: predictions are " in said.baseline
    for name in ("'yes' (", "'no' (", "'ja' (", "'nein' ("):
        assert name in said.baseline
    code, accepted = said.command("baseline", "--model", "m", "--accept")
    assert code == 0
    assert "critical: predictions and labels share no class" in accepted
    code, judged = said.command("run", "--model", "m", "--window", DAY)
    assert "GREY m" in judged
    assert "Accuracy is 0, and 0 in the baseline: 'falls by 30 %' says nothing of 0" in judged


def constant_everywhere(case: Case) -> None:
    """A flag that is ``0`` in every row of baseline and window, by a test of chi-square."""
    numbers = dice(6)
    for day in DAYS:
        case.captures(day, [capture(f"{day}-{n}", day, f"0,{numbers.random():.4f}", "1") for n in range(50)])
    rule = {"metric": "drift_score", "column": "flag", "red": "< 0.05"}
    flag = {"type": "category", "drift": {"method": "chisquare"}}
    case.model({"flag": flag, "x": "number"}, REGRESSION, rule, labels=None)


def nothing_drifted(said: Said) -> None:
    assert "GREEN m" in said.run


def missing_values_as_nan(case: Case) -> None:
    """Every tenth value of each column is NaN, as JSON and Parquet writers spell it."""
    numbers = dice(10)
    for day in DAYS:
        amounts = [math.nan if n % 10 == 0 else numbers.random() for n in range(100)]
        items = [math.nan if n % 10 == 1 else float(numbers.randrange(5)) for n in range(100)]
        country = ["NaN" if n % 10 == 2 else numbers.choice(["DE", "NA"]) for n in range(100)]
        case.table(
            day,
            {
                "id": [f"{day}-{n}" for n in range(100)],
                "amount": amounts,
                "items": items,
                "country": country,
                "prediction": [numbers.random() for _ in range(100)],
            },
        )
    columns = {"amount": "number", "items": "integer", "country": "category"}
    rules = [{"metric": "null_share", "column": name, "red": "rises by 0.05"} for name in columns]
    case.model(columns, REGRESSION, *rules, capture=TABLE, labels=None)


def a_tenth_is_missing(said: Said) -> None:
    assert said.counts["quarantined"] == 0
    for name in ("amount", "items", "country"):
        assert said.metrics["null_share", name] == (0.1, 0.1)
    assert "GREEN m" in said.run


def whole_numbers_as_doubles(case: Case) -> None:
    """A category, a truth value and classes are doubles on the day, because one value is missing."""
    numbers = dice(11)
    for day in DAYS:
        region = [numbers.randrange(1, 4) for _ in range(100)]
        flag = [numbers.random() < 0.5 for _ in range(100)]
        label = [int(numbers.random() < 0.4) for _ in range(100)]
        predicted = [one if numbers.random() < 0.9 else 1 - one for one in label]
        ids = [f"{day}-{n}" for n in range(100)]
        columns = {"id": ids, "region": region, "flag": flag, "prediction": predicted}
        if day == DAY:
            columns = {"id": ids} | {name: [float(v) for v in columns[name]] for name in list(columns)[1:]}
            columns["region"][0] = columns["flag"][1] = None
        case.table(day, columns)
        case.table(
            day, {"inference_id": ids, "label": [float(v) for v in label] if day == DAY else label}, "truth"
        )
    case.model(
        {"region": "category", "flag": "boolean"},
        BINARY,
        {"metric": "accuracy", "red": "< 0.5"},
        {"metric": "drift_score", "column": "region", "red": ">= 0.1"},
        capture=TABLE,
        labels={"source": "table", "prefix": "truth"},
        drift={"categorical": {"method": "jensenshannon"}},
    )


def nothing_is_lost_or_drifts(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"]) == (100, 100)
    assert close(said.metrics["accuracy", ""][0], 0.9, 0.1)
    assert said.metrics["null_share", "region"][0] == said.metrics["null_share", "flag"][0] == 0.01
    assert "GREEN m" in said.run


def semicolons_on_the_day(case: Case) -> None:
    """A table whose values are separated by semicolons, on the day only."""
    numbers = dice(15)
    for day in DAYS:
        mark = ";" if day == DAY else ","
        rows = [
            mark.join((f"{day}-{n}", f"{numbers.random():.3f}", f"{numbers.random():.3f}")) for n in range(40)
        ]
        case.put(
            f"table/{day.replace('-', '/')}/a.csv", "\n".join([mark.join(("id", "x", "prediction")), *rows])
        )
    case.model(
        {"x": "number"},
        REGRESSION,
        {"metric": "quarantined_share", "red": "> 1 %"},
        capture=TABLE,
        labels=None,
    )


def the_table_names_its_columns(said: Said) -> None:
    assert "GREEN" not in said.run
    for shown in (said.run, said.text):
        joined = " ".join(shown.split())
        assert "the table has no column x, prediction" in joined or "semicolons" in joined


def thirty_numbers(case: Case) -> None:
    """A Parquet table of 30 numbers and 5,000 rows a day, with nothing wrong in it."""
    names = [f"n{n:02}" for n in range(30)]
    for number, day in enumerate(DAYS):
        values = np.random.default_rng(number).normal(size=(5000, 30))
        columns = {name: values[:, n] for n, name in enumerate(names)}
        case.table(day, {"id": [f"{day}-{n}" for n in range(5000)], **columns, "prediction": values[:, 0]})
    case.model(
        dict.fromkeys(names, "number"),
        REGRESSION,
        {"metric": "drifted_share", "red": "> 50 %"},
        capture=TABLE,
        labels=None,
    )


def an_ordinary_day(said: Said) -> None:
    assert said.counts["rows"] == 5000
    assert "GREEN m" in said.run


def no_data_as_the_largest_double(case: Case) -> None:
    """One label of 1.8e308 on the day, which much software writes for "no data"."""
    numbers = dice(16)
    for day in DAYS:
        lines, known = [], []
        for n in range(50):
            x = numbers.random()
            lines.append(capture(f"{day}-{n}", day, f"{x:.4f},{'ab'[n % 2]}", f"{x:.4f}"))
            largest = day == DAY and n == 7
            known.append(truth(f"{day}-{n}", "1.7976931348623157e308" if largest else f"{x + 0.01:.4f}"))
        case.captures(day, lines)
        case.labels(day, known)
    case.model(
        {"x": "number", "kind": "category"},
        REGRESSION,
        {"metric": "rmse", "red": "rises by 50 %"},
        slices=[{"by": "kind", "top": 2, "minimum_rows": 5}],
    )


def the_day_is_judged(said: Said) -> None:
    assert said.codes == (0, 0, 0)
    assert "GREEN" not in said.run


def files_outside_the_data(case: Case) -> None:
    """A batch transform whose output is in another bucket than its capture."""
    for day in DAYS:
        manifest = [{"prefix": "s3://another-bucket/transform-output/"}, "rows.csv.out"]
        case.put(f"capture/output/{day.replace('-', '/')}/12/m.json", json.dumps(manifest))
    capture_ = {"source": "sagemaker_batch", "prefix": "capture", "joined": True}
    case.model({"a": "number"}, REGRESSION, {"metric": "rows", "red": "< 1"}, capture=capture_, labels=None)


def the_address_is_named(said: Said) -> None:
    assert "s3://another-bucket/transform-output/" in said.baseline


class Kind(NamedTuple):
    """A case, and what must come out."""

    write: Callable[[Case], None]
    check: Callable[[Said], None]


CASES = {
    "baseline-hides-reasons": Kind(html_that_is_json, refusal_says_what_was_read),
    "labels-that-are-no-numbers": Kind(labels_that_are_no_numbers, refusal_says_what_became_of_the_labels),
    "labels-of-other-ids": Kind(labels_of_other_ids, refusal_says_that_ids_do_not_match),
    "report-without-quarantine-reasons": Kind(words_for_numbers, report_says_why),
    "classes-without-a-common-spelling": Kind(classes_without_a_common_spelling, refusal_names_both_sides),
    "constant-category": Kind(constant_everywhere, nothing_drifted),
    "nan-category": Kind(missing_values_as_nan, a_tenth_is_missing),
    "parquet-floats": Kind(whole_numbers_as_doubles, nothing_is_lost_or_drifts),
    "table-without-the-columns": Kind(semicolons_on_the_day, the_table_names_its_columns),
    "wide-table": Kind(thirty_numbers, an_ordinary_day),
    "largest-double": Kind(no_data_as_the_largest_double, the_day_is_judged),
    "files-in-another-bucket": Kind(files_outside_the_data, the_address_is_named),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out(name: str, tmp_path: Path, sqlite_template: Path) -> None:
    warehouse = tmp_path / "warehouse.sqlite"
    shutil.copyfile(sqlite_template, warehouse)
    case = Case(tmp_path)
    CASES[name].write(case)

    said = monitor(case, warehouse)

    CASES[name].check(said)
