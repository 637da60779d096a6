"""The peer: the script that a careful user writes with the same libraries, on the same objects and baseline.

JSON Lines into pandas, 72 expectations of Great Expectations on pandas, Evidently's drift and classification
presets on all rows against the baseline, saved as HTML. Nothing is deliberately slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.columns import CATEGORIES, NUMBERS, WORDS
from bench.peer_data import read_day

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from bench.laps import Laps


def peer_day(laps: Laps, bucket: str, day: str, baseline: Path, html: Path) -> dict[str, Any]:
    """Check one day and render its report.

    Args:
        laps: Measures the time of each part.
        bucket: Name of the bucket with captures and ground truth.
        day: ISO date.
        baseline: Parquet file with the same columns.
        html: File to write the report to.
    """
    laps.start("imports")
    import boto3  # noqa: F401
    import evidently.presets  # noqa: F401
    import great_expectations  # noqa: F401
    import pandas as pd

    laps.start("parse")
    current = read_day(bucket, day)
    laps.start("great_expectations")
    checked = _check(current)
    laps.start("evidently")
    snapshot = _report(current, pd.read_parquet(baseline))
    laps.start("save_html")
    snapshot.save_html(str(html))
    return {"rows": len(current), "expectations": len(checked.results), "html_bytes": html.stat().st_size}


def _check(frame: pd.DataFrame) -> Any:
    """Check the frame against three expectations for each number and two for each category: 72."""
    import great_expectations as gx
    from great_expectations import expectations as gxe

    batch = (
        gx.get_context(mode="ephemeral")
        .data_sources.add_pandas("pandas")
        .add_dataframe_asset("day")
        .add_batch_definition_whole_dataframe("day")
        .get_batch({"dataframe": frame})
    )
    suite = gx.ExpectationSuite(name="day")
    for name in NUMBERS:
        suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column=name))
        between = gxe.ExpectColumnValuesToBeBetween(column=name, min_value=-6, max_value=6, mostly=0.99)
        suite.add_expectation(between)
        suite.add_expectation(gxe.ExpectColumnMeanToBeBetween(column=name, min_value=-1, max_value=1))
    for name in CATEGORIES:
        suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column=name))
        suite.add_expectation(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=WORDS))
    return batch.validate(suite)


def _report(current: pd.DataFrame, reference: pd.DataFrame) -> Any:
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset, DataDriftPreset

    answer = BinaryClassification(
        target="target",
        prediction_labels="prediction",
        prediction_probas="probability",
        pos_label=1,
    )
    definition = DataDefinition(
        numerical_columns=[*NUMBERS, "probability"],
        categorical_columns=[*CATEGORIES, "prediction", "target"],
        classification=[answer],
    )
    sides = (Dataset.from_pandas(frame, data_definition=definition) for frame in (current, reference))
    return Report([DataDriftPreset(), ClassificationPreset()]).run(*sides)
