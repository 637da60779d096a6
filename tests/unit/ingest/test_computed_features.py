"""Features that are computed of others: in every layout, in data sets, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import models
import pyarrow.parquet as pq
import pytest
from captures import Endpoint, day_of, one
from daywatch.config.loading.expressions import with_columns
from daywatch.config.loading.load import load_model
from daywatch.errors import ConfigurationError
from daywatch.ingest.captured_names import compare_names
from daywatch.ingest.datasets.read import read_dataset
from sources import SHAPES, write_files

Export = Callable[..., Any]
DAY = "2024-03-03"
FEATURES = [
    {"name": "each", "type": "number", "expression": "amount / items"},
    {"name": "amount", "type": "number"},
    {"name": "items", "type": "integer"},
    {"name": "many", "type": "boolean", "expression": "Items > 5"},
    {"name": "member", "type": "boolean"},
    {
        "name": "where",
        "type": "category",
        "expression": "CASE WHEN country = 'DE' THEN 'home' ELSE 'abroad' END",
    },
    {"name": "country", "type": "category"},
]


@pytest.mark.parametrize("shape", ["sagemaker_realtime", "transaction_records", "table"])
def test_a_column_is_computed_whatever_the_layout(endpoint: Endpoint, export: Export, shape: str) -> None:
    capture, files = SHAPES[shape]
    write_files(endpoint.folder, files(day_of(DAY), str(endpoint.folder)))

    exported = export(model=models.model(capture=capture, features=FEATURES, labels=None))

    assert (exported.counts.rows, exported.counts.extra_names) == (60, 0)
    for row in exported.rows:
        assert row["each"] == row["amount"] / row["items"]
        assert row["many"] == (row["items"] > 5)
        assert row["where"] == ("home" if row["country"] == "DE" else "abroad")


def test_what_cannot_be_computed_is_missing(endpoint: Endpoint, export: Export) -> None:
    endpoint.play(
        [
            one("zero", request="12.5,0,true,DE"),
            one("none", request=",3,true,DE"),
            one("nan", request="0,0,true,"),
            one("text", request="x,3,true,DE"),
        ]
    )
    features = [
        *models.YAML["features"],
        {"name": "id", "type": "integer", "expression": "CAST(country AS BIGINT)"},
    ]
    exported = export(model=models.model(features=[FEATURES[0], *features], labels=None))
    found = {row["event_id"]: row["each"] for row in exported.rows}
    assert found == {"zero": float("inf"), "none": None, "nan": None}
    assert exported.column("id") == [None] * 3
    assert exported.counts.reasons == {"not_a_number": 1}


def test_a_data_set_has_it_too(tmp_path: Path) -> None:
    deployment = models.local_deployment(tmp_path)
    write_files(Path(deployment.data_uri), {"train.csv": b"1,12.5,2,true,DE\n0,9,3,false,FR\n"})
    baseline = {"dataset": "train.csv", "header": False, "label": 0}
    found = read_dataset(models.model(features=FEATURES, baseline=baseline), deployment, tmp_path)
    rows = pq.read_table(found.inferences).to_pylist()
    assert [(row["each"], row["where"], row["label"]) for row in rows] == [
        (6.25, "home", "1"),
        (3.0, "abroad", "0"),
    ]


def test_it_is_not_looked_for_among_the_captures() -> None:
    model = models.model(features=FEATURES)
    assert compare_names(["amount", "items", "member", "country"], model) == ([], [])


def test_other_names_for_the_columns_of_an_expression() -> None:
    sql = with_columns("CASE WHEN \"a b\" = 'a b' THEN A ELSE -1 END", {"a b": "value_0", "a": "value_1"})
    assert sql.replace('"', "").count("value_") == 2
    assert "'a b'" in sql


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ({"type": "number", "expression": "amont / items"}, "there is no column 'amont' here"),
        (
            {"type": "number", "expression": "country"},
            "expected a value of type number, but this is VARCHAR",
        ),
        (
            {"type": "integer", "expression": "amount"},
            "expected a value of type integer, but this is DOUBLE",
        ),
        ({"type": "number", "expression": "random()"}, "the function 'random' is not allowed"),
        (
            {"type": "number", "expression": "member + x"},
            "captured features that are not redacted may be named",
        ),
        ({"type": "category", "expression": "country || 'x'"}, "there is no column 'country' here"),
        ({"type": "number", "expression": "amount", "at": 3}, "so it has no 'at' of its own"),
    ],
)
def test_an_expression_that_is_none(tmp_path: Path, feature: dict[str, Any], message: str) -> None:
    features = [*models.YAML["features"], {"name": "x", **feature}]
    path = models.write_model(
        tmp_path, features=features, redaction={"truncate": {"country": 1}} if "||" in str(feature) else {}
    )
    with pytest.raises(ConfigurationError, match=message.replace("(", r"\(").replace(")", r"\)")):
        load_model(path)
