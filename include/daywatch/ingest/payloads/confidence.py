"""The probability of the positive class, where the response has that of the predicted one, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.engine.duck import text

if TYPE_CHECKING:
    from daywatch.config.model.columns import Output


def of_positive_class(probability: str, prediction: str, output: Output) -> str:
    """Return SQL for the probability of the positive class; NULL where the prediction is neither of two classes.

    Args:
        probability: SQL for the captured probability.
        prediction: SQL for the predicted class, in the spelling of the configuration.
        output: What the model answers.
    """
    if not output.is_of_prediction:
        return probability
    positive, negative = text(output.positive_class), text(output.other_class or "")
    return f"CASE {prediction} WHEN {positive} THEN {probability} WHEN {negative} THEN 1 - {probability} END"
