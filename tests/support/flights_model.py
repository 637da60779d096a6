"""The flights model of the tests of profiles and expectations: any features, one rule."""

from __future__ import annotations

from daywatch.config.model.model import MonitoredModel


def flights_model(features: dict[str, str], task: str = "binary_classification") -> MonitoredModel:
    """Return a model with these features.

    Args:
        features: Types of the features by name.
        task: The model's task; a binary classifier answers a probability too.
    """
    act = {"do": "look", "who": "the owner", "within_hours": 24}
    response = ["prediction", "probability"] if task == "binary_classification" else ["prediction"]
    return MonitoredModel.model_validate(
        {
            "model": "flights",
            "namespace": "/abc_corp/flights",
            "description": "Late or not.",
            "owner": "team",
            "contacts": ["team@example.com"],
            "features": [{"name": name, "type": kind} for name, kind in features.items()],
            "output": {"task": task, "response": response},
            "capture": {"endpoint": "flights"},
            "baseline": {"first": "2013-01-22", "last": "2013-01-31"},
            "plan": {
                "rules": [{"metric": "rows", "amber": "< 5"}],
                "actions": {"amber": act, "red": act, "grey": act},
            },
            "schedule": {"first_window": "2013-02-01"},
        }
    )
