"""The revision: a fingerprint of everything that a verdict depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from daywatch.config.model.model import MonitoredModel

LENGTH = 16
"""Hexadecimal digits of a revision: enough to rule out a collision among the revisions of one window."""

_LIBRARIES = ("duckdb", "evidently", "great-expectations", "numpy", "pandas", "scikit-learn", "scipy")
_FOLDERS = ("engine", "ingest", "judge", "measure", "profiles", "validation")
_FILES = (
    "config/drift_methods.py",
    "config/loading/aggregates.py",
    "config/metric_definition.py",
    "config/metrics.py",
    "config/model/columns.py",
    "config/model/conditions.py",
    "config/model/custom_metrics.py",
    "config/model/history.py",
    "config/model/persistence.py",
    "config/model/rule.py",
    "config/model/rule_group.py",
    "config/model/slices.py",
    "config/performance_metrics.py",
    "formatting.py",
    "results.py",
    "stages/build_baseline.py",
    "stages/export.py",
    "stages/history.py",
    "stages/judge.py",
    "stages/measure.py",
    "stages/measure_service.py",
    "stages/validate.py",
    "verdicts.py",
)
_CONFIGURATION = {
    "features",
    "output",
    "drift",
    "performance",
    "slices",
    "custom_metrics",
    "plan",
    "capture",
    "labels",
    "operations",
    "capture_health",
}


def revision_of(model: MonitoredModel, evidence: str, baseline_id: str, suite: str) -> str:
    """Return the revision of a window.

    Args:
        model: The model's configuration; keys that only name people and times do not count.
        evidence: Digest of the exported rows, labels and quarantine.
        baseline_id: Id of the baseline.
        suite: Fingerprint of the expectation suite.
    """
    parts = {"evidence": evidence, "baseline": baseline_id, "suite": suite, **_judging(model)}
    return _fingerprint(parts)


def judged_by(model: MonitoredModel) -> str:
    """Return a fingerprint of the plan and of the code by which a model's windows are judged now.

    Args:
        model: The model's configuration; keys that only name people and times do not count.
    """
    return _fingerprint(_judging(model))


def _judging(model: MonitoredModel) -> dict[str, Any]:
    configuration = model.model_dump(
        mode="json", include=_CONFIGURATION, exclude={"labels": {"horizon_days"}}
    )
    return {"configuration": configuration, "code": code_fingerprint()}


def _fingerprint(parts: dict[str, Any]) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


@cache
def code_fingerprint() -> str:
    """Return a fingerprint of the code that computes: ours, and the versions of the libraries.

    It is a hash and not a version number that people raise: with a forgotten raise, stale results would stay.

    Raises:
        FileNotFoundError: A folder or a file is not where this module expects it.
    """
    digest = hashlib.sha256()
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)}\n".encode())
    package = Path(__file__).parent
    for path in (*_modules(package), *(package / file for file in _FILES)):
        digest.update(str(path.relative_to(package)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _modules(package: Path) -> Iterator[Path]:
    """Yield the modules of the folders whose code counts; a folder without modules was moved or renamed."""
    for folder in _FOLDERS:
        found = sorted((package / folder).rglob("*.py"))
        if not found:
            msg = f"The revision counts the code in {package / folder}, but there is none: correct _FOLDERS."
            raise FileNotFoundError(msg)
        yield from found
