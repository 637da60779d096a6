"""The stage: measure a window against its baseline."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.measure.categories import category_findings
from daywatch.measure.column_ranking import ranked_columns
from daywatch.measure.drift import drift_metrics, drift_scores
from daywatch.measure.facts import column_facts, column_findings, data_metrics, unknown_columns
from daywatch.measure.history import Served
from daywatch.measure.performance import Performance, class_findings
from daywatch.measure.prediction_correlation import (
    correlation_findings,
    correlation_metrics,
    prediction_correlations,
)
from daywatch.measure.sliced import measure_slices
from daywatch.measure.tables import measured_columns, open_tables
from daywatch.measure.words import new_words, word_findings, word_metrics
from daywatch.results import BadSlice, ConfusionCell, Finding, Metric, Record

if TYPE_CHECKING:
    from daywatch.config.model import MonitoredModel
    from daywatch.measure.kernels.values import Array
    from daywatch.measure.tables import Tables

_log = logging.getLogger(__name__)


class Measurement(Record):
    """What was measured of a window.

    Attributes:
        metrics: Numbers, in a fixed order: data, drift, performance, slices, captures, operations, versions.
        findings: What a person should know: of the whole window first, then by column in the model's order.
        served: What served the window: versions, variants, sampling percentages.
        confusion: Of a classifier, the confusion matrix of its labelled rows.
        bad_slices: Slices that predict worse than in the baseline, by more than chance, the worst first.
    """

    metrics: tuple[Metric, ...]
    findings: tuple[Finding, ...]
    served: tuple[Served, ...] = ()
    confusion: tuple[ConfusionCell, ...] = ()
    bad_slices: tuple[BadSlice, ...] = ()


@dataclass(frozen=True)
class Measured:
    """The measurement and what lies beside it.

    Attributes:
        measurement: Numbers and findings.
        html: Evidently's report, one file that needs no network.
        snapshot: Evidently's snapshot, JSON.
        ways: Positions of the window's rows of each slice that has enough of them, way of slicing by way.
    """

    measurement: Measurement
    html: Path
    snapshot: Path
    ways: tuple[dict[str, Array], ...] = ()


def measure_window(reference: Path, current: Path, model: MonitoredModel, scratch: Path) -> Measured:
    """Compare a window with its baseline; the same files give the same bytes.

    Args:
        reference: Canonical Parquet of the baseline.
        current: Canonical Parquet of the window, labels joined.
        model: Says which columns there are and how they are compared.
        scratch: Folder for the report's files and for what DuckDB spills.
    """
    started = time.monotonic()
    from daywatch.measure.evidently_report import draw
    from daywatch.measure.page import render_page

    columns = measured_columns(model)
    with open_tables(reference, current, columns, scratch) as tables:
        facts = column_facts(tables)
        scores = drift_scores(tables, model, facts)
        words = new_words(tables, facts)
        correlations = prediction_correlations(tables, facts)
        correlated = correlation_metrics(correlations)
        metrics = [
            *data_metrics(tables, facts, model.drift.null_share_rise),
            *drift_metrics(scores, model),
            *word_metrics(words, model.drift.new_words_share),
            *correlated,
        ]
        performance = Performance(tables, model)
        performed, confusion = performance.window()
        metrics += performed
        sliced = measure_slices(tables, model, facts, performance, performed)
        findings = [
            *sliced.findings,
            *correlation_findings(correlations),
            *unknown_columns(tables),
            *(
                finding
                for column in columns
                for finding in (
                    *column_findings(column, facts),
                    *category_findings(tables, column, facts),
                    *word_findings(words, column, model.drift.new_words_share),
                )
            ),
        ]
        findings += class_findings(tables, model.output)
        ranked = ranked_columns(scores, model, correlated)
        scored = time.monotonic()
        drawing = draw(tables, model, scores, _timestamp(tables))
    measured = Measured(
        Measurement(
            metrics=(*metrics, *sliced.metrics),
            findings=tuple(findings),
            confusion=tuple(confusion),
            bad_slices=sliced.bad,
        ),
        scratch / "evidently.html",
        scratch / "evidently.json",
        sliced.ways,
    )
    measured.html.write_text(render_page(drawing, model, metrics, ranked), encoding="utf-8")
    measured.snapshot.write_text(
        json.dumps(drawing.document, sort_keys=True, ensure_ascii=False, allow_nan=False), encoding="utf-8"
    )
    _log.debug(
        "measured %s: %d metrics and %d findings in %.1f s, report of %.1f MB drawn in %.1f s",
        model.model,
        len(metrics),
        len(findings),
        scored - started,
        measured.html.stat().st_size / 1e6,
        time.monotonic() - scored,
    )
    return measured


def _timestamp(tables: Tables) -> datetime:
    """Return the time of the window's last inference: a report made again is the same report."""
    ((last,),) = tables.rows('SELECT epoch_us(max(inference_time)) FROM "current"')
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=last or 0)
