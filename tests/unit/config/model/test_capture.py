"""Errors in ``capture`` and in places, and what may stand there."""

from __future__ import annotations

from typing import Any

import models
import pytest
from daywatch.config.model.capture import SOURCE_MODELS
from pydantic import ValidationError

TABLE = {"source": "table", "prefix": "t"}


@pytest.mark.parametrize("partition", ["%Y/%m/%d", "dt=%Y-%m-%d/hour=%H", "%Y/%m/%d/*.csv", "a_%Y%m%d*"])
def test_partitions(partition: str) -> None:
    assert models.model(capture={**TABLE, "partition": partition}).capture.partition == partition  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "partition",
    ["%Y/%m", "", "/%Y/%m/%d", "%Y/%m/%d/", "%Y/%m/%d/%j", "%Y/%m/%d/[a]", "%Y/%m/%d/%", "%y/%m/%d"],
)
@pytest.mark.parametrize("source", ["table", "transaction_records"])
def test_partitions_that_name_no_day(source: str, partition: str) -> None:
    with pytest.raises(ValidationError, match=r"%m and %d in the partition|expected a pattern of folders"):
        models.model(capture={"source": source, "prefix": "t", "partition": partition})


@pytest.mark.parametrize("path", ["$", "$.a", "$.a.b[0].c", '$."a.b"', "$[3]", "$.a-b.ü"])
def test_paths(path: str) -> None:
    features = [{"name": "a", "type": "number", "at": path}]

    assert models.model(features=features).features[0].at == path


@pytest.mark.parametrize("path", ["a", "$.", "$.*", "$[*]", "$..a", "$.a[", "$.a[x]", "$.a b", '$."a', -1])
def test_paths_that_are_none(path: Any) -> None:
    """What DuckDB would stumble over in the middle of a window."""
    features = [{"name": "a", "type": "number", "at": path}]

    with pytest.raises(ValidationError):
        models.model(features=features)


@pytest.mark.parametrize("source", SOURCE_MODELS)
def test_keys_of_other_sources_are_errors(source: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        models.model(capture={"source": source, "prefix": "t", "endpoint": "e", "id_column": "i"})
