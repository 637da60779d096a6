"""A place where the small model is monitored: local data, artifacts, a migrated SQLite warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures import Endpoint, day_of
from daywatch.config.deployment.deployment import Deployment
from daywatch.run import WindowRun
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.day import run_window
from daywatch.verdicts import Verdict
from daywatch.window import Window
from models import NAME, local_deployment, write_model

BASELINE_DAYS = ("2024-03-01", "2024-03-02")
DAY = "2024-03-03"


@dataclass(frozen=True)
class Place:
    """One installation.

    Attributes:
        deployment: Where everything is.
        endpoint: Writes captures and ground truth into it.
    """

    deployment: Deployment
    endpoint: Endpoint

    def run(self, day: str = DAY, **options: Any) -> tuple[WindowRun, Verdict]:
        """Run all stages of a day."""
        return run_window(NAME, Window.of_day(day), self.deployment, lambda _: None, **options)

    def files(self) -> dict[str, bytes]:
        """Return every artifact by key."""
        root = Path(self.deployment.artifacts_uri)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def make_place(folder: Path, **changes: Any) -> Place:
    """Make a place with the model's YAML; ``changes`` are of the YAML. The warehouse is not migrated."""
    deployment = local_deployment(folder)
    write_model(deployment.models, **changes)
    return Place(deployment, Endpoint(Path(deployment.data_uri)))


def make_baseline(place: Place) -> str:
    """Play the baseline's days and freeze them."""
    for day in BASELINE_DAYS:
        place.endpoint.play(day_of(day))
    return build_baseline(NAME, place.deployment)
