"""What the search for causes says of a window in which one thing is wrong, and of one in which nothing is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daywatch.measure.causes.diagnosis import Diagnosis
from daywatch.measure.causes.search import search_causes
from daywatch.measure.columns.measured_columns import measured_columns
from daywatch.measure.columns.tables import open_tables
from daywatch.measure.performance.performance import PerformanceEvaluator
from daywatch.profiles.profile import Profile
from daywatch.results import Metric

FEATURES = {
    "amount": "number",
    "warmth": "number",
    "age": "integer",
    "wait": "number",
    "kind": "category",
    "city": "category",
    "member": "boolean",
}
Frame = dict[str, Any]
START = datetime(2013, 2, 9, tzinfo=UTC)


def rows_of(seed: int, rows: int) -> Frame:
    """Return rows of a healthy day: the label follows the probability, and no feature is missing."""
    random = np.random.default_rng(seed)
    amount, member = random.lognormal(3, 0.9, rows), random.random(rows) < 0.35
    chance = 1 / (1 + np.exp(-(1.5 * (np.log(amount) - 3) - 0.7 * member)))
    return {
        "amount": amount.round(2),
        "warmth": random.normal(11, 4, rows).round(1),
        "age": random.normal(41, 13, rows).clip(18, 95).round().astype(int),
        "wait": random.gamma(2, 6, rows).round(1),
        "kind": random.choice(["book", "food", "game", "toy"], rows, p=[0.4, 0.3, 0.2, 0.1]),
        "city": random.choice(["Rome", "Oslo", "Kyiv"], rows, p=[0.25, 0.35, 0.4]),
        "member": member,
        "probability": chance.round(6),
        "prediction": np.where(chance >= 0.5, "1", "0"),
        "label": np.where(random.random(rows) < chance, "1", "0"),
        "inference_time": [START + timedelta(seconds=86_400 * n / rows) for n in range(rows)],
    }


def changed(**columns: Callable[[Frame], Any]) -> Callable[[Frame], Frame]:
    return lambda day: {**day, **{name: change(day) for name, change in columns.items()}}


def where(condition: Callable[[Frame], Any], column: str, value: Any) -> Callable[[Frame], Frame]:
    """Return a change of the rows that meet a condition to a value, or to what a function makes of theirs."""

    def change(day: Frame) -> Frame:
        new = value(day[column]) if callable(value) else value
        kind = object if new is None else None
        return {
            **day,
            column: np.where(
                condition(day), np.asarray(new, dtype=kind), day[column].astype(kind or day[column].dtype)
            ),
        }

    return change


def some(share: float) -> Callable[[Frame], Any]:
    return lambda day: np.arange(len(day["age"])) % 100 < 100 * share


@pytest.fixture
def search(
    tmp_path: Path, parquet: Callable[..., Path], model_of: Callable[..., Any]
) -> Callable[..., tuple[Diagnosis, ...]]:
    """Return a function that searches a changed day for the cause of what stands out in some columns."""
    model = model_of(FEATURES)

    def run(
        change: Callable[[Frame], Frame],
        *columns: str,
        fallen: bool = False,
        rows: int = 1500,
        both: Callable[[Frame], Frame] = lambda day: day,
        baseline: Profile | None = None,
    ) -> tuple[Diagnosis, ...]:
        as_lists = [
            {
                name: [None if one is None else one.item() if hasattr(one, "item") else one for one in values]
                for name, values in frame.items()
            }
            for frame in (both(rows_of(1, 4000)), change(both(rows_of(2, rows))))
        ]
        files = parquet("a", model, as_lists[0]), parquet("b", model, as_lists[1])
        with open_tables(*files, measured_columns(model), tmp_path) as tables:
            evaluator = PerformanceEvaluator(tables, model)
            metrics = [
                one.model_copy(update={"alert": fallen and one.name == "roc_auc"})
                for one in evaluator.compare_sides().metrics
            ]
            metrics += [
                Metric(
                    name="target_drift" if one == "label" else "drift_score",
                    column=one,
                    value=1.0,
                    alert=True,
                )
                for one in columns
            ]
            return search_causes(tables, model, metrics, evaluator, baseline)

    return run


UNIT = "unit_change"


@pytest.mark.parametrize(
    ("change", "columns", "name", "words"),
    [
        (changed(amount=lambda day: day["amount"] * 100), ["amount"], UNIT, "amount looks multiplied by 100 "),
        (changed(wait=lambda day: day["wait"] * 60), ["wait"], UNIT, "wait looks multiplied by 60 "),
        (changed(wait=lambda day: day["wait"] / 1.609), ["wait"], UNIT, "wait looks divided by 1.60934: its quantiles are 0.6"),
        (changed(wait=lambda day: day["wait"] * 37), ["wait"], UNIT, "wait looks multiplied by 40.4: its quantiles are 39.3 x the baseline's"),
        (changed(warmth=lambda day: day["warmth"] * 1.8 + 32), ["warmth"], UNIT, "warmth looks in Fahrenheit instead of Celsius"),
        (changed(amount=lambda day: np.log(day["amount"])), ["amount"], UNIT, "amount looks replaced by its natural logarithm"),
        (changed(warmth=lambda day: (day["warmth"] - 11) / 4), ["warmth"], UNIT, "warmth looks standardized"),
        (changed(age=lambda day: -day["age"]), ["age"], "sign_change", "age looks multiplied by -1"),
        (changed(probability=lambda day: day["probability"] ** 3), ["probability"], "rescaled", "probability looks raised to the power of"),
        (changed(probability=lambda day: 1 - day["probability"]), ["probability"], "complement", "probability looks subtracted from 1"),
        (where(some(0.2), "age", -999), ["age"], "stand_in", "age is -999 in 20.0 % of 1,500 values (baseline 0 %)"),
        (where(some(0.3), "warmth", 11.0), ["warmth"], "repeated_value", "warmth is 11 in 30."),
        (where(some(0.2), "kind", "null"), ["kind"], "stand_in", "kind is 'null' in 20.0 % of the values"),
        (changed(kind=lambda day: np.char.upper(day["kind"])), ["kind"], "respelled", "kind looks written in other letters in 100 %"),
        (changed(kind=lambda day: np.char.add(day["kind"], " ")), ["kind"], "respelled", "'book' is now 'book '"),
        (where(lambda day: day["kind"] == "food", "kind", "meal"), ["kind"], "renamed", "'food' (30.9 % in the baseline) looks renamed to 'meal'"),
        (changed(member=lambda day: ~day["member"]), ["member"], "exchanged_values", "member looks inverted"),
        (where(some(0.3), "wait", None), ["wait"], "missing_values", "wait is missing in 30.0 % of 1,500 rows (baseline 0 %)"),
    ],
)  # fmt: skip
def test_one_changed_column(
    search: Callable[..., tuple[Diagnosis, ...]],
    change: Callable[[Frame], Frame],
    columns: list[str],
    name: str,
    words: str,
) -> None:
    found = search(change, *columns)

    assert [one.name for one in found] == ([name] if name else [])
    assert all(words in one.sentence for one in found), found
    assert all(one.column == columns[0] and not one.slice for one in found)


def test_two_columns_swapped_and_several_shifted(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    swapped = changed(
        amount=lambda day: day["age"].astype(float), age=lambda day: day["amount"].round().astype(int)
    )
    shifted = changed(
        warmth=lambda day: day["amount"],
        age=lambda day: day["warmth"].round().astype(int),
        wait=lambda day: day["age"],
    )

    (one,) = search(swapped, "amount", "age")
    (other,) = search(shifted, "amount", "warmth", "age", "wait")

    assert (one.name, one.columns, one.short) == ("swapped", ("amount", "age"), "amount and age look swapped")
    assert (other.name, other.columns) == ("shifted", ("warmth", "age", "wait"))
    assert other.short == "3 columns look shifted by one"


def in_rome(day: Frame) -> Any:
    return day["city"] == "Rome"


def at_night(day: Frame) -> Any:
    return np.array([one.hour < 6 for one in day["inference_time"]])


@pytest.mark.parametrize(
    ("change", "column", "slice_", "words"),
    [
        (where(in_rome, "kind", None), "kind", "city=Rome", "100 % of these rows where city is 'Rome'"),
        (where(at_night, "wait", None), "wait", "", "100 % of these rows from 00:00 to 06:00 UTC"),
        (where(in_rome, "amount", lambda v: v * 100), "amount", "city=Rome", "looks multiplied by 100 (hundredths of the unit?)"),
        (where(in_rome, "warmth", lambda v: v * 0 + np.linspace(30, 90, len(v))), "warmth", "city=Rome", "warmth changed only where city is 'Rome'"),
        (where(some(0.3), "wait", None), "wait", "", "wait is missing in 30.0 % of 1,500 rows (baseline 0 %)"),
    ],
)  # fmt: skip
def test_where_it_is(
    search: Callable[..., tuple[Diagnosis, ...]],
    change: Callable[[Frame], Frame],
    column: str,
    slice_: str,
    words: str,
) -> None:
    (found,) = search(change, column)

    assert (found.column, found.slice) == (column, slice_)
    assert words in found.sentence


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (changed(label=lambda day: np.where(day["label"] == "1", "0", "1")), "flipped", "Labels look flipped: ROC AUC is 0.1"),
        (changed(label=lambda day: np.random.default_rng(3).permutation(day["label"])), "unrelated", "as by chance"),
        (changed(label=lambda day: np.char.replace(day["label"], "1", "yes")), "respelled", ""),
        (changed(probability=lambda day: day["probability"] * 0 + 0.2), "", ""),
    ],
)  # fmt: skip
def test_labels(
    search: Callable[..., tuple[Diagnosis, ...]], change: Callable[[Frame], Frame], name: str, words: str
) -> None:
    found = (
        search(change, fallen=True)
        if name != "respelled"
        else search(changed(label=lambda day: np.char.add(day["label"], ".0")), "label")
    )

    assert [one.name for one in found] == ([name] if name else [])
    assert all(words in one.sentence for one in found)


def test_a_prior_shift_leaves_the_ranking(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    def fewer(day: Frame) -> Frame:
        kept = (day["label"] == "1") | (np.arange(len(day["label"])) % 4 == 0)
        return {
            name: [one for one, keep in zip(values, kept, strict=True) if keep]
            for name, values in day.items()
        }

    blind = where(some(0.5), "probability", lambda v: np.random.default_rng(4).permutation(v))

    (found,) = (one for one in search(fewer, "label", rows=6000) if one.name == "prior_shift")

    assert "so the model ranks as well as before" in found.sentence
    unclear = search(fewer, "label", rows=300)
    assert [one for one in unclear if one.name == "prior_shift"] == []
    worse = search(lambda day: fewer(blind(day)), "label", rows=6000)
    assert [one for one in worse if one.name == "prior_shift"] == []


def test_a_wet_day_is_no_change_of_unit(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    """Of a column that is mostly 0, as rain is, every map that flattens the window comes near the baseline."""

    def dry(day: Frame) -> Frame:
        wet = np.arange(len(day["amount"])) % 50 == 0
        return {**day, "amount": np.where(wet, 0.2, 0.0)}

    found = search(where(some(0.4), "amount", 5.0), "amount", both=dry)

    assert [one for one in found if one.name == "unit_change"] == []


def test_the_metric_without_the_affected_rows(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    """A third of the rows has no amount and a probability that says nothing: without them, ROC AUC is as before."""
    harmful = where(some(0.3), "amount", None)
    blind = where(some(0.3), "probability", lambda v: np.random.default_rng(4).permutation(v))
    harmless = where(some(0.3), "wait", None)

    missing, beside = search(lambda day: harmless(blind(harmful(day))), "amount", "wait", fallen=True)[:2]
    (alone,) = search(
        lambda day: where(lambda d: ~some(0.3)(d) & some(0.6)(d), "wait", None)(blind(day)),
        "wait",
        fallen=True,
    )

    assert missing.column == "amount"
    assert missing.explained is not None
    assert missing.explained > 0.8
    assert beside.explained == missing.explained
    assert " without these rows, " in missing.sentence
    assert alone.explained is not None
    assert alone.explained < 0.2


def test_a_minus_is_no_other_spelling(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    codes = changed(kind=lambda day: np.where(day["kind"] == "food", "1", "2"))

    for code in ("-1", "1+", "<2", "1.2"):
        found = search(where(some(0.05), "kind", code), "kind", both=codes)
        assert [one.sentence for one in found if one.name == "respelled"] == []


def test_rows_that_repeat_others(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    """Of more rows, more repeat another by chance."""
    profile = Profile(rows=4000, days={"2013-02-01": 4000}, columns=())
    coarse = changed(
        amount=lambda day: day["amount"].round(1),
        probability=lambda day: day["probability"].round(1),
        **{name: lambda day: day["age"] * 0 for name in ("warmth", "age", "wait")},
    )

    (twice,) = search(
        lambda day: {name: [*values, *values] for name, values in day.items()}, rows=3000, baseline=profile
    )

    assert twice.sentence == (
        "50.0 % of 6,000 rows repeat another row in every feature and in the answer, under another id "
        "(baseline 0 %): they look sent again"
    )
    assert search(lambda day: day, rows=16_000, both=coarse, baseline=profile) == ()


def test_shares_are_of_all_values_and_not_of_frequent_categories(
    search: Callable[..., tuple[Diagnosis, ...]],
) -> None:
    many = changed(kind=lambda day: np.array([f"shop {n}" for n in range(len(day["kind"]))]))

    assert search(where(some(0.01), "kind", "null"), "kind", both=many) == ()


def test_labels_of_wide_intervals_do_not_look_flipped(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    """The interval of 20 labels holds 1 - the baseline's ROC AUC, and the baseline's too."""
    blind = where(some(0.4), "probability", lambda v: np.random.default_rng(4).permutation(v))
    noise = changed(probability=lambda day: np.random.default_rng(7).permutation(day["probability"]))

    found = search(noise, both=blind, rows=20, fallen=True)

    assert [one.name for one in found if one.name == "flipped"] == []


def test_rows_of_no_category_are_somewhere_else(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    """Most of the affected rows have no city, the others are all in one: that is not where they are."""

    def affected(day: Frame) -> Any:
        return in_rome(day) | some(0.4)(day)

    homeless = where(some(0.4), "city", None)

    (missing,) = search(lambda day: homeless(where(affected, "wait", None)(day)), "wait")
    dearer = search(lambda day: homeless(where(affected, "amount", lambda v: v * 37)(day)), "amount")

    assert missing.slice == ""
    assert [one for one in (missing, *dearer) if "Rome" in one.sentence] == []


def test_quantiles_have_a_ratio_only_in_a_multiple(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    (found,) = search(changed(amount=lambda day: np.log(day["amount"])), "amount")

    assert "quantiles" not in found.sentence
    assert "its median is 2.95 (baseline 19.8)" in found.sentence


def test_nothing_is_found_where_nothing_changed(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    assert search(lambda day: day, *FEATURES, "probability", "label", fallen=True) == ()


def test_real_drift_is_no_fault(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    warmer = changed(
        warmth=lambda day: day["warmth"] + 9,
        wait=lambda day: day["wait"] + np.random.default_rng(5).normal(20, 9, 1500),
    )

    assert search(warmer, "warmth", "wait") == ()


def test_hostile_categories_stay_harmless(search: Callable[..., tuple[Diagnosis, ...]]) -> None:
    hostile = "'); DROP TABLE x; --\u202e<b>"

    (found,) = search(where(lambda day: day["kind"] == "food", "kind", hostile), "kind", fallen=True)

    assert (found.name, found.rows) == ("renamed", 450)
    assert "\u202e" not in found.sentence
