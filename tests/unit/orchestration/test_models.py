"""Tags of a model's DAGs."""

from __future__ import annotations

import models
import pytest
from daywatch.orchestration.models import tags
from pydantic import ValidationError

LONGEST_TAG = 100
"""Of Airflow's table ``dag_tag``."""


def test_each_level_of_the_namespace_is_a_tag() -> None:
    assert tags(models.model(namespace="/abc_corp/claim"), "monitor") == [
        "monitor",
        "model:shop",
        "owner:shop-team",
        "tier:2",
        "ns:/abc_corp",
        "ns:/abc_corp/claim",
    ]


def test_the_longest_namespace_fits_a_tag() -> None:
    from airflow.models.dag import DagTag

    assert DagTag.name.type.length == LONGEST_TAG
    longest = "/" + "n" * 96
    assert max(map(len, tags(models.model(namespace=longest), "monitor"))) == LONGEST_TAG
    with pytest.raises(ValidationError, match="at most 97"):
        models.model(namespace=longest + "n")
