"""What the counts of the export say about columns and payloads."""

from __future__ import annotations

from typing import Any

import models
import pytest
from daywatch.ingest.export_counts import ExportCounts, ExtraColumn, GuessedPayload
from daywatch.measure.service.intake import intake_health
from daywatch.results import FindingCode
from recorded import make_results


def counts(**changes: Any) -> ExportCounts:
    return make_results().counts.model_copy(update=changes)


def test_the_share_of_values_that_do_not_fit_their_type() -> None:
    """A published run of Model Monitor says that 99.64592817400101 % of 1,977 values fit."""
    found = counts(rows_read=1977, type_mismatches={"amount": 7})

    metrics, ((finding),) = intake_health(found, models.model())

    shares = {metric.column: metric.value for metric in metrics if metric.name == "type_mismatch_share"}
    assert list(shares) == ["amount", "items", "member", "probability"]
    assert shares.pop("amount") == pytest.approx(1 - 0.9964592817400101)
    assert set(shares.values()) == {0.0}
    assert (finding.code, finding.column, finding.count) == (FindingCode.TYPE_MISMATCH, "amount", 7)
    assert finding.detail == (
        "7 of 1,977 values (0.4 %) do not fit the type number; their rows are quarantined"
    )


def test_values_that_count_as_missing() -> None:
    features = [{**models.YAML["features"][0], "on_bad_value": "missing"}]
    found = counts(rows_read=10, type_mismatches={"amount": 1})

    _, ((finding),) = intake_health(found, models.model(features=features))

    assert finding.detail.endswith("they count as missing")


def test_no_rows_have_no_share() -> None:
    metrics, findings = intake_health(counts(rows_read=0), models.model())

    assert {(metric.name, metric.value, metric.note) for metric in metrics} == {
        ("type_mismatch_share", None, "no record could be split into rows"),
        ("extra_columns", None, "no captured value has a name"),
    }
    assert findings == []


def test_a_guess_is_told() -> None:
    guess = GuessedPayload(payload="response of text/html as json", records=3)

    _, ((finding),) = intake_health(counts(records=15, guessed_payloads=(guess,)), models.model())

    assert finding.code is FindingCode.PAYLOAD_GUESSED
    assert finding.detail.startswith("3 of 15 records: response of text/html as json is a guess")


def test_names_that_no_feature_has() -> None:
    extra = (ExtraColumn(name="tax", records=20), ExtraColumn(name="\x1b[1m", records=1))

    metrics, ((finding),) = intake_health(
        counts(named_records=20, extra_names=40, extra_columns=extra), models.model()
    )

    assert [(metric.value, metric.rows) for metric in metrics if metric.name == "extra_columns"] == [(40, 20)]
    assert finding.code is FindingCode.EXTRA_COLUMNS
    assert finding.detail.startswith("40 names that no feature has: 'tax' in 20 of 20 records, ")
    assert finding.detail.endswith(" in 1 of 20 records and 38 more")
    assert "\x1b" not in finding.detail
