"""What a model's schedule accepts of Airflow's words, and what it says about others."""

from __future__ import annotations

from typing import Any

import models
import pytest
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule__tasks": "two"}, "'stages' or 'one'"),
        ({"schedule__executor": "Kubernetes Executor"}, "such as 'KubernetesExecutor'"),
        ({"schedule__queue": ""}, "at least 1 character"),
        ({"schedule__pool": "a\nb"}, "without line breaks"),
        ({"schedule__resources": {}}, "expected at least one of cpu, memory and scratch"),
        ({"schedule__resources": {"memory": "2GB"}}, "a size in Mi or Gi, such as '512Mi' or '2Gi'"),
        ({"schedule__resources": {"cpu": 0}}, "greater than or equal to 0.1"),
    ],
)
def test_what_airflow_could_not_use_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        models.model(**changes)
