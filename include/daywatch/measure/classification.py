"""Quality of a classifier on labelled rows, from its confusion counts and its probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import identifier

if TYPE_CHECKING:
    from daywatch.config.model import Output
from daywatch.measure.tables import Side, Tables

Confusion = dict[tuple[str, str], int]
"""Rows by (label, prediction)."""

Measure = tuple[float | None, str]
"""A value, or None and the reason in a sentence."""

NO_ROWS: Measure = (None, "no row has both a label and a prediction")


def confusion_counts(tables: Tables, side: Side) -> Confusion:
    """Count the rows that have both a label and a prediction."""
    found = tables.rows(
        f"SELECT label, prediction, count(*) FROM {identifier(side)}"
        " WHERE label IS NOT NULL AND prediction IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return {(label, prediction): count for label, prediction, count in found}


def binary_quality(confusion: Confusion, positive: str) -> dict[str, Measure]:
    """Return accuracy, precision, recall and F1 of the positive class.

    A share of nothing is None: precision where nothing was predicted positive, recall where nothing is.
    """
    rows = sum(confusion.values())
    if not rows:
        return dict.fromkeys(("accuracy", "precision", "recall", "f1"), NO_ROWS)
    hit = confusion.get((positive, positive), 0)
    predicted = sum(count for (_, prediction), count in confusion.items() if prediction == positive)
    actual = sum(count for (label, _), count in confusion.items() if label == positive)
    name = f"'{positive}'"
    return {
        "accuracy": _accuracy(confusion),
        "precision": _share(hit, predicted, f"no labelled row was predicted {name}"),
        "recall": _share(hit, actual, f"no row is labelled {name}"),
        "f1": _share(2 * hit, predicted + actual, f"no labelled row is, or was predicted, {name}"),
    }


def multiclass_quality(confusion: Confusion) -> dict[str, Measure]:
    """Return accuracy and the unweighted means over classes of precision, recall and F1.

    As scikit-learn's ``average="macro"``: over every class that is a label or a prediction, and a share of
    nothing counts as 0.
    """
    if not confusion:
        return dict.fromkeys(("accuracy", "precision", "recall", "f1"), NO_ROWS)
    hits: dict[str, int] = {}
    predicted: dict[str, int] = {}
    actual: dict[str, int] = {}
    for (label, prediction), count in confusion.items():
        actual[label] = actual.get(label, 0) + count
        predicted[prediction] = predicted.get(prediction, 0) + count
        if label == prediction:
            hits[label] = count
    classes = sorted({*actual, *predicted})
    precision = [hits.get(name, 0) / predicted[name] if name in predicted else 0.0 for name in classes]
    recall = [hits.get(name, 0) / actual[name] if name in actual else 0.0 for name in classes]
    f1 = [2 * hits.get(name, 0) / (predicted.get(name, 0) + actual.get(name, 0)) for name in classes]
    means = {"precision": precision, "recall": recall, "f1": f1}
    return {
        "accuracy": _accuracy(confusion),
        **{name: (sum(values) / len(classes), "") for name, values in means.items()},
    }


def probability_quality(tables: Tables, side: Side, output: Output) -> dict[str, Measure]:
    """Return ROC AUC and log loss of the positive class's probability, by scikit-learn."""
    from sklearn.metrics import log_loss, roc_auc_score

    frame = tables.frame(
        f"SELECT label = ? AS positive, probability FROM {identifier(side)}"
        " WHERE label IS NOT NULL AND isfinite(probability)",
        (output.positive_class,),
    )
    positive, probability = frame["positive"].to_numpy(dtype=bool), frame["probability"].to_numpy()
    if not len(frame):
        return dict.fromkeys(("roc_auc", "log_loss"), (None, "no row has both a label and a probability"))
    one_class = positive.all() or not positive.any()
    beyond = int(((probability < 0) | (probability > 1)).sum())
    return {
        "roc_auc": (None, "all labels are of one class")
        if one_class
        else (float(roc_auc_score(positive, probability)), ""),
        "log_loss": (None, f"{beyond:,} probabilities lie outside 0 to 1")
        if beyond
        else (float(log_loss(positive, probability, labels=[False, True])), ""),
    }


def _accuracy(confusion: Confusion) -> Measure:
    right = sum(count for (label, prediction), count in confusion.items() if label == prediction)
    return right / sum(confusion.values()), ""


def _share(part: int, whole: int, otherwise: str) -> Measure:
    return (part / whole, "") if whole else (None, otherwise)
