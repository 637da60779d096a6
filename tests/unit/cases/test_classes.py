"""Classes and labels in more than one spelling, or not known yet: what must come out."""

from __future__ import annotations

import math
from html import unescape

from cases import (
    BINARY,
    DAY,
    DAYS,
    SCORED,
    TABLE,
    Case,
    Check,
    Monitored,
    Said,
    Write,
    as_json,
    capture,
    dice,
    truth,
)


def close(value: float | None, expected: float) -> bool:
    """Whether it is the number that a loop over the case's own lists of labels and scores gives."""
    return value is not None and abs(value - expected) <= 1e-6


def classes_as_doubles(case: Case) -> None:
    """The endpoint answers ``2.0``, the ground truth says ``2``; on the day the model guesses."""
    numbers = dice(7)
    for day in DAYS:
        lines, known = [], []
        for n in range(100):
            label = numbers.randrange(3)
            predicted = numbers.randrange(3) if day == DAY else label if n % 10 else (label + 1) % 3
            answer = as_json({"prediction": float(predicted)})
            lines.append(capture(f"{day}-{n}", day, f"{numbers.random():.3f}", answer))
            known.append(truth(f"{day}-{n}", str(label)))
        case.captures(day, lines)
        case.labels(day, known)
    output = {"task": "multiclass_classification", "response": ["prediction"]}
    case.model(
        {"x": "number"}, output, {"metric": "accuracy", "amber": "falls by 10 %", "red": "falls by 30 %"}
    )


def a_guess_is_red(said: Said) -> None:
    assert said.metrics["accuracy", ""] == (0.36, 0.9)
    assert "RED m" in said.run


def truth_values_in_two_spellings(case: Case) -> None:
    """The endpoint answers ``true`` and ``false``, the ground truth is Python's ``True`` and ``False``."""
    numbers = dice(8)
    for day in DAYS:
        lines, known = [], []
        for n in range(100):
            x = numbers.random()
            answer = as_json({"prediction": x > 0.5, "probability": x})
            lines.append(capture(f"{day}-{n}", day, as_json({"x": x}), answer))
            known.append(truth(f"{day}-{n}", str(numbers.random() < x)))
        case.captures(day, lines)
        case.labels(day, known)
    output = {**SCORED, "positive_class": "true"}
    case.model(
        {"x": "number"}, output, {"metric": "roc_auc", "red": "<= 0.6"}, {"metric": "log_loss", "red": "> 5"}
    )


def positives_are_found(said: Said) -> None:
    assert close(said.metrics["roc_auc", ""][0], 0.8228)
    assert close(said.metrics["log_loss", ""][0], 0.506273)
    assert "GREEN m" in said.run


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


def labels_not_known_yet(case: Case) -> None:
    """Labels are doubles in Parquet, with NaN where the outcome is not known yet."""
    numbers = dice(9)
    for day in DAYS:
        scores = [numbers.random() for _ in range(100)]
        labels = [float(numbers.random() < one) for one in scores]
        if day == DAY:
            labels = [math.nan if n % 2 else one for n, one in enumerate(labels)]
        ids = [f"{day}-{n}" for n in range(100)]
        predicted = [int(one > 0.5) for one in scores]
        case.table(day, {"id": ids, "x": scores, "prediction": predicted, "probability": scores})
        case.table(day, {"inference_id": ids, "label": labels}, "truth")
    case.model(
        {"x": "number"},
        SCORED,
        {"metric": "accuracy", "red": "falls by 60 %"},
        capture=TABLE,
        labels={"source": "table", "prefix": "truth"},
    )


def half_is_labelled(said: Said) -> None:
    assert (said.counts["rows"], said.counts["labelled"], said.counts["labels_quarantined"]) == (100, 50, 0)
    assert close(said.metrics["accuracy", ""][0], 0.74)
    assert close(said.metrics["roc_auc", ""][0], 0.8208)


def a_probability_alone(case: Case) -> None:
    """The answer is the probability, and the class is on its side of 0.8."""
    for day in DAYS:
        scores = [n / 100 for n in range(100)]
        case.captures(day, [capture(f"{day}-{n}", day, "1.0", f"{one:.2f}") for n, one in enumerate(scores)])
        # Five of the twenty above the threshold are negative, and nobody below it is positive.
        case.labels(day, [truth(f"{day}-{n}", str(int(one >= 0.85))) for n, one in enumerate(scores)])
    output = {"task": "binary_classification", "response": ["probability"], "threshold": 0.8}
    case.model({"x": "number"}, output, {"metric": "accuracy", "red": "< 0.9"})


def the_class_follows_from_it(said: Said) -> None:
    value, baseline = said.metrics["accuracy", ""]
    assert value == baseline == 0.95
    derived = "Predictions are derived: '1' from a probability of 0.8 on, '0' below."
    assert derived in " ".join(said.text.split())
    assert derived in unescape(said.page)


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
    assert close(said.metrics["accuracy", ""][0], 0.93)
    assert said.metrics["null_share", "region"][0] == said.metrics["null_share", "flag"][0] == 0.01
    assert "GREEN m" in said.run


CASES = {
    "classes-1-and-1.0": (classes_as_doubles, a_guess_is_red),
    "classes-true-and-True": (truth_values_in_two_spellings, positives_are_found),
    "classes-without-a-common-spelling": (classes_without_a_common_spelling, refusal_names_both_sides),
    "nan-labels": (labels_not_known_yet, half_is_labelled),
    "one-probability": (a_probability_alone, the_class_follows_from_it),
    "parquet-floats": (whole_numbers_as_doubles, nothing_is_lost_or_drifts),
}


def test_what_comes_out(monitored: Monitored, write: Write, check: Check) -> None:
    check(monitored(write))
