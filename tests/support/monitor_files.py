"""Files of SageMaker Model Monitor, made of values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def numbers(name: str, values: Any, *, missing: int = 0, kind: str = "Fractional") -> dict[str, Any]:
    """Return the statistics of a numeric column, whose sketch has every value."""
    array = np.asarray(values, dtype=float)
    counts, edges = np.histogram(array, 10)
    return {
        "name": name,
        "inferred_type": kind,
        "numerical_statistics": {
            "common": {"num_present": array.size, "num_missing": missing},
            "mean": array.mean(),
            "sum": array.sum(),
            "std_dev": array.std(),
            "min": array.min(),
            "max": array.max(),
            "distribution": {
                "kll": {
                    "buckets": [
                        {"lower_bound": low, "upper_bound": high, "count": float(count)}
                        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
                    ],
                    "sketch": {"parameters": {"c": 0.64, "k": 2048.0}, "data": [array.tolist()]},
                }
            },
        },
    }


def categories(name: str, counts: Mapping[str, int], *, missing: int = 0) -> dict[str, Any]:
    """Return the statistics of a text column."""
    return {
        "name": name,
        "inferred_type": "String",
        "string_statistics": {
            "common": {"num_present": sum(counts.values()), "num_missing": missing},
            "distinct_count": float(len(counts)),
            "distribution": {
                "categorical": {
                    "buckets": [{"value": value, "count": count} for value, count in counts.items()]
                }
            },
        },
    }


def statistics(*features: dict[str, Any]) -> str:
    """Return the file ``statistics.json``."""
    first = features[0].get("numerical_statistics") or features[0]["string_statistics"]
    rows = float(sum(first["common"].values()))
    return json.dumps({"version": 0.0, "dataset": {"item_count": rows}, "features": features})


def constraint(name: str, kind: str, completeness: float = 1.0, **more: Any) -> dict[str, Any]:
    """Return the constraints of a column."""
    return {"name": name, "inferred_type": kind, "completeness": completeness, **more}


def constraints(features: Sequence[dict[str, Any]], **config: Any) -> str:
    """Return the file ``constraints.json``, with changes to its ``monitoring_config``."""
    distribution = {
        "perform_comparison": "Enabled",
        "comparison_threshold": 0.1,
        "comparison_method": "Robust",
        **config.pop("distribution", {}),
    }
    monitoring = {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": distribution,
        **config,
    }
    return json.dumps({"version": 0.0, "features": features, "monitoring_config": monitoring})
