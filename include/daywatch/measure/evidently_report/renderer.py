"""Evidently's report, drawn in a thread of its own while others go on measuring.

Evidently uses global state (NumPy's generator, Python's warning filters, plotly's templates): there is one such
thread, and it draws only while no stat test of Evidently's runs.
"""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.drift.scoring import EVIDENTLY_ALONE
from daywatch.measure.evidently_report.drift_section import drift_drawing, joined
from daywatch.measure.evidently_report.light_figures import light_figures
from daywatch.measure.evidently_report.page import render_page
from daywatch.measure.evidently_report.performance_section import performance_drawing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.drift.priority import RankedColumn
    from daywatch.measure.drift.scoring import Score
    from daywatch.measure.evidently_report.drift_section import DriftDrawing
    from daywatch.measure.evidently_report.performance_section import PerformanceDrawing
    from daywatch.measure.evidently_report.sample import Frames
    from daywatch.results import Metric


@dataclass(frozen=True)
class ReportFiles:
    """What the artist wrote.

    Attributes:
        html: The report, one file that needs no network.
        snapshot: Evidently's snapshot, JSON.
    """

    html: Path
    snapshot: Path


class Artist:
    """Draws one report, part by part, in the order in which the parts are asked for.

    As a context manager it waits for its thread only where something failed: what ``files`` returns is to be
    waited for by whoever takes it.
    """

    def __init__(self, model: MonitoredModel, timestamp: datetime, scratch: Path) -> None:
        """Import Evidently and start the thread.

        Args:
            model: Whose report it is.
            timestamp: Goes into the snapshot.
            scratch: Where the files go.
        """
        # Its modules import each other: two threads that import it from different ends wait for each other.
        import evidently.presets  # noqa: F401

        self._model, self._timestamp, self._scratch = model, timestamp, scratch
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="daywatch-report")

    def __enter__(self) -> Artist:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=error is not None, cancel_futures=error is not None)

    def performance(self, frames: Frames) -> Future[PerformanceDrawing]:
        """Begin to draw performance, from the labelled rows that were sampled."""
        return self._thread.submit(self._performance, frames)

    def drift(self, scores: list[Score], frames: Frames) -> Future[DriftDrawing]:
        """Begin to draw drift, from the rows that were sampled."""
        return self._thread.submit(self._drift, scores, frames)

    def files(
        self,
        drift: Future[DriftDrawing],
        performance: Future[PerformanceDrawing],
        metrics: list[Metric],
        ranked: list[RankedColumn],
    ) -> Future[ReportFiles]:
        """Write the files once both parts are drawn.

        Args:
            drift: What ``drift`` returned.
            performance: What ``performance`` returned.
            metrics: The numbers of all rows, for the page's head.
            ranked: The features, the one to look at first first.
        """
        return self._thread.submit(self._written, drift, performance, metrics, ranked)

    def _performance(self, frames: Frames) -> PerformanceDrawing:
        with EVIDENTLY_ALONE, light_figures():
            return performance_drawing(frames, self._model, self._timestamp)

    def _drift(self, scores: list[Score], frames: Frames) -> DriftDrawing:
        with EVIDENTLY_ALONE, light_figures():
            return drift_drawing(scores, frames, self._model, self._timestamp)

    def _written(
        self,
        drift: Future[DriftDrawing],
        performance: Future[PerformanceDrawing],
        metrics: list[Metric],
        ranked: list[RankedColumn],
    ) -> ReportFiles:
        drawing = joined(self._model.model, self._timestamp, drift.result(), performance.result())
        files = ReportFiles(self._scratch / "evidently.html", self._scratch / "evidently.json")
        files.html.write_text(render_page(drawing, self._model, metrics, ranked), encoding="utf-8")
        files.snapshot.write_text(
            json.dumps(drawing.document, sort_keys=True, ensure_ascii=False, allow_nan=False),
            encoding="utf-8",
        )
        return files
