"""The task and the answers of a model, recognised from names and values of its responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from daywatch.adopt.columns import SampledColumn, as_text
from daywatch.adopt.guesses import Section, named
from daywatch.config.model.columns import Task, opposite
from daywatch.errors import SetupError
from daywatch.ingest.payloads.positions import json_path
from daywatch.text import shown

_PREDICTIONS = (
    "prediction", "predicted_label", "predicted_class", "predicted", "predictions", "pred", "prediction_label",
)  # fmt: skip
_PROBABILITIES = (
    "probability",
    "prediction_probability",
    "prob",
    "proba",
    "confidence",
    "score",
    "prediction_score",
)
_YES = ("1", "true", "True", "TRUE", "t", "T", "yes", "Yes", "YES", "Y", "y", "positive", "POSITIVE")
_PERCENT = 100.0
_ROUNDING = 0.01


def is_answer(column: SampledColumn) -> bool:
    """Return whether a table's column is named as an answer."""
    return column.name.casefold() in (*_PREDICTIONS, *_PROBABILITIES)


def output_section(answers: Sequence[SampledColumn], *, have_names: bool) -> Section:
    """Return the section ``output``.

    Args:
        answers: The columns of the responses.
        have_names: Whether the responses name them; else they have an order.

    Raises:
        SetupError: No answer is recognised.
    """
    if not have_names and _are_shares_of_one(answers):
        return _vector(len(answers))
    plain = [one for one in answers if not one.is_list and one.texts]
    probability = _probability(plain)
    prediction = _prediction([one for one in plain if one is not probability])
    if prediction is None and probability is None:
        listed = ", ".join(shown(one.name) for one in answers) or "nothing"
        msg = (
            f"No answer is recognised in the responses, which have {listed}: expected a class, a number, or a "
            "probability. Write the YAML by hand; docs/captures.md has an example of each layout."
        )
        raise SetupError(msg)
    if prediction is not None and not prediction.has_few:
        return _regression(prediction, answers, have_names=have_names)
    classes = prediction.classes if prediction else []
    if prediction is not None and len(classes) > 2:
        because = {"task": f"{len(classes)} classes: {_listed(classes)}"}
        decisions = [
            f"output.task: the {len(classes)} values of {shown(prediction.name)} are taken for classes."
        ]
        values = {"task": str(Task.MULTICLASS), **_response(prediction, None, answers, have_names=have_names)}
        return Section(values, because, decisions)
    return _binary(prediction, probability, answers, have_names=have_names)


def _are_shares_of_one(answers: Sequence[SampledColumn]) -> bool:
    """Return whether the numbers of each row add up to 1: the probability of each class."""
    numbers = [one.numbers for one in answers]
    if len(answers) < 2 or any(not one or min(one) < 0 for one in numbers):
        return False
    if len({len(one or ()) for one in numbers}) != 1 or all(one.has_few for one in answers):
        return False
    return all(abs(sum(row) - 1) < _ROUNDING for row in zip(*(one or () for one in numbers), strict=True))


def _vector(width: int) -> Section:
    classes = [str(n) for n in range(width)]
    values: dict[str, Any] = {
        "task": str(Task.BINARY if width == 2 else Task.MULTICLASS),
        "response": ["probabilities"],
        "classes": classes,
    }
    because = {
        "task": f"{width} numbers that add up to 1 in each row: the probability of each class",
        "classes": "decide: the classes in the order of the probabilities",
    }
    return Section(values, because, ["output.classes: name them in the order of the probabilities."])


def _probability(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    found = named(columns, _PROBABILITIES)
    if found is not None and found.numbers and 0 <= min(found.numbers) <= max(found.numbers) <= _PERCENT:
        return found
    return next((one for one in columns if one.is_share), None)


def _prediction(columns: Sequence[SampledColumn]) -> SampledColumn | None:
    found = named(columns, _PREDICTIONS)
    if found is not None:
        return found
    few = (one for one in columns if one.has_few)
    return next(few, next(iter(columns), None))


def _response(
    prediction: SampledColumn | None,
    probability: SampledColumn | None,
    answers: Sequence[SampledColumn],
    *,
    have_names: bool,
) -> dict[str, Any]:
    """Return ``response`` and, for answers with other names, ``at``."""
    wanted = [(one, name) for one, name in ((prediction, "prediction"), (probability, "probability")) if one]
    if not have_names:
        names = [next((name for one, name in wanted if one is each), "ignore") for each in answers]
        while names[-1] == "ignore":
            names.pop()
        return {"response": names}
    at = {
        name: one.at or json_path(one.name) for one, name in wanted if one.at is not None or one.name != name
    }
    return {"response": [name for _, name in wanted], **({"at": at} if at else {})}


def _regression(prediction: SampledColumn, answers: Sequence[SampledColumn], *, have_names: bool) -> Section:
    numbers = prediction.numbers
    if numbers is None:
        msg = f"The answers {_listed(prediction.classes)} are neither classes nor numbers."
        raise SetupError(msg)
    because = {"task": f"{shown(prediction.name)} has numbers from {min(numbers):g} to {max(numbers):g}"}
    values = {"task": str(Task.REGRESSION), **_response(prediction, None, answers, have_names=have_names)}
    return Section(values, because)


def _binary(
    prediction: SampledColumn | None,
    probability: SampledColumn | None,
    answers: Sequence[SampledColumn],
    *,
    have_names: bool,
) -> Section:
    values: dict[str, Any] = {
        "task": str(Task.BINARY),
        **_response(prediction, probability, answers, have_names=have_names),
    }
    if prediction is None:
        because = {"task": "numbers from 0 to 1 alone: the probability of a class"}
        decisions = ["output.threshold: the prediction is the positive class from a probability of 0.5 on."]
        values |= {"positive_class": "1", "threshold": 0.5}
        return Section(
            values, {**because, "positive_class": "decide: the class that labels spell so"}, decisions
        )
    classes = prediction.classes
    because = {"task": f"the classes are {_listed(classes)}"}
    positive, reason = _positive(prediction, probability)
    values["positive_class"], because["positive_class"] = positive, reason
    other = next((one for one in classes if one != positive), None)
    decisions = [f"output.positive_class: is it {shown(positive)}?"]
    if other is None:
        decisions.append(f"output.negative_class: the sample has only the class {_listed(classes)}.")
    if (other or opposite(positive)) != opposite(positive):
        values["negative_class"], because["negative_class"] = other, "the other class"
    elif opposite(positive) is None:
        values["negative_class"] = f"not {positive}"
        because["negative_class"] = "decide: no other class is in the sample"
    if probability is None:
        return Section(values, because, decisions)
    numbers = probability.numbers or [0.0]
    if max(numbers) > 1:
        values["scale"], because["scale"] = "percent", f"up to {max(numbers):g}"
    if other is not None and min(numbers) >= (50 if max(numbers) > 1 else 0.5):
        values["confidence_of"] = "prediction"
        because["confidence_of"] = "never below one half, whichever class is predicted"
    return Section(values, because, decisions)


def _positive(prediction: SampledColumn, probability: SampledColumn | None) -> tuple[str, str]:
    """Return the positive class, and what that rests on."""
    classes = prediction.classes
    spelled_yes = next((one for one in _YES if one in classes), None)
    if spelled_yes:
        return spelled_yes, "a common spelling of yes"
    if probability is not None and len(classes) > 1:
        means = {one: _mean(prediction, probability, one) for one in classes}
        best = max(classes, key=lambda one: means[one])
        return best, f"the probability is higher where it is predicted: {means[best]:.2f} on average"
    if len(classes) == 1 and opposite(classes[0]) in _YES:
        return str(opposite(classes[0])), f"the opposite of {_listed(classes)}, the only class in the sample"
    return classes[-1], "decide: nothing says which class is meant"


def _mean(prediction: SampledColumn, probability: SampledColumn, name: str) -> float:
    pairs = zip(prediction.values, probability.values, strict=True)
    own = SampledColumn(
        "", [number for value, number in pairs if value is not None and as_text(value).strip() == name]
    )
    numbers = own.numbers or [0.0]
    return sum(numbers) / len(numbers)


def _listed(classes: Sequence[str]) -> str:
    return ", ".join(shown(one) for one in classes[:10])
