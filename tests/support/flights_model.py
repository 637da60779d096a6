"""The flights model of the tests of profiles and expectations, with any features and task."""

from __future__ import annotations

from daywatch.config.model.model import MonitoredModel
from measured_files import make_model


def flights_model(features: dict[str, str], task: str = "binary_classification") -> MonitoredModel:
    """Return a model with these features.

    Args:
        features: Types of the features by name.
        task: The model's task; a binary classifier answers a probability too.
    """
    response = ["prediction", "probability"] if task == "binary_classification" else ["prediction"]
    return make_model(features, output={"task": task, "response": response})
