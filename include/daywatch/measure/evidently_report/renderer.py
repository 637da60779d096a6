"""Evidently's report, rendered in a thread of its own while the other results are measured."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daywatch.measure.evidently_report.drift_section import join_plots, plot_drift
from daywatch.measure.evidently_report.page import render_page
from daywatch.measure.evidently_report.patches import PATCHES
from daywatch.measure.evidently_report.performance_section import plot_performance

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from daywatch.config.model.model import MonitoredModel
    from daywatch.measure.drift.priority import RankedColumn
    from daywatch.measure.drift.scoring import Score
    from daywatch.measure.evidently_report.drift_section import DriftPlots
    from daywatch.measure.evidently_report.performance_section import PerformancePlots
    from daywatch.measure.evidently_report.sample import Frames
    from daywatch.results import Metric


@dataclass(frozen=True)
class ReportFiles:
    """The files of one report.

    Attributes:
        html: The report, one file that needs no network.
        snapshot: Evidently's snapshot, JSON.
    """

    html: Path
    snapshot: Path


class ReportRenderer:
    """Renders one report, section by section, in the order in which the sections are requested.

    As a context manager it waits for its thread only after an exception. Otherwise the caller waits for the
    files that ``write`` promises.
    """

    def __init__(
        self, model: MonitoredModel, timestamp: datetime, scratch: Path, library_patches: bool = True
    ) -> None:
        """Import Evidently and start the thread.

        Args:
            model: The monitored model; its name is the report's title.
            timestamp: Time that the snapshot states, UTC.
            scratch: Folder that the files are written to.
            library_patches: Whether ``PATCHES`` are applied to Evidently and Plotly.
        """
        # Its modules import each other: two threads that import it from different ends wait for each other.
        import evidently.presets  # noqa: F401

        self._model, self._timestamp, self._scratch = model, timestamp, scratch
        self._patches = PATCHES if library_patches else ()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="daywatch-report")

    def __enter__(self) -> ReportRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=error is not None, cancel_futures=error is not None)

    def performance(self, frames: Frames) -> Future[PerformancePlots]:
        """Start to plot performance.

        Args:
            frames: The sampled rows of both sides that have a label and an answer.
        """
        return self._thread.submit(plot_performance, frames, self._model, self._timestamp, self._patches)

    def drift(self, scores: list[Score], frames: Frames) -> Future[DriftPlots]:
        """Start to plot drift.

        Args:
            scores: The scores of all rows.
            frames: The sampled rows of both sides, of the columns that have a score.
        """
        return self._thread.submit(plot_drift, scores, frames, self._model, self._timestamp, self._patches)

    def write(
        self,
        drift: Future[DriftPlots],
        performance: Future[PerformancePlots],
        metrics: list[Metric],
        ranked: list[RankedColumn],
    ) -> Future[ReportFiles]:
        """Write the files once both sections are plotted.

        Args:
            drift: What ``drift`` returned.
            performance: What ``performance`` returned.
            metrics: The numbers of all rows, for the page's head.
            ranked: The features, the one to look at first first.
        """
        return self._thread.submit(self._write, drift, performance, metrics, ranked)

    def _write(
        self,
        drift: Future[DriftPlots],
        performance: Future[PerformancePlots],
        metrics: list[Metric],
        ranked: list[RankedColumn],
    ) -> ReportFiles:
        plots = join_plots(self._model.model, self._timestamp, drift.result(), performance.result())
        files = ReportFiles(self._scratch / "evidently.html", self._scratch / "evidently.json")
        files.html.write_text(render_page(plots, self._model, metrics, ranked), encoding="utf-8")
        files.snapshot.write_text(
            json.dumps(plots.document, sort_keys=True, ensure_ascii=False, allow_nan=False),
            encoding="utf-8",
        )
        return files
