"""The revision: a fingerprint of all that a verdict depends on."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daywatch.config.model import MonitoredModel

LENGTH = 16
"""Hexadecimal digits: among the revisions of one window a collision is out of the question."""

_LIBRARIES = ("duckdb", "evidently", "great-expectations", "numpy", "pandas", "scikit-learn", "scipy")
_CODE = ("baseline", "capture", "engine", "judge", "labels", "measure", "validation")
_FILES = ("config/metrics.py", "evidence.py", "numbers.py", "results.py")
_CONFIGURATION = {
    "features",
    "output",
    "drift",
    "performance",
    "slices",
    "plan",
    "capture",
    "labels",
    "operations",
    "capture_health",
}


def revision_of(model: MonitoredModel, evidence: str, baseline_id: str, suite: str) -> str:
    """Return the revision of a window.

    Args:
        model: Its configuration; what only names people and times does not count.
        evidence: Digest of the exported rows, labels and quarantine.
        baseline_id: The baseline.
        suite: Fingerprint of the expectation suite.
    """
    parts = {
        "evidence": evidence,
        "baseline": baseline_id,
        "suite": suite,
        "configuration": model.model_dump(
            mode="json", include=_CONFIGURATION, exclude={"labels": {"horizon_days"}}
        ),
        "code": code_fingerprint(),
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


@cache
def code_fingerprint() -> str:
    """Return a fingerprint of the code of the statistics: ours, and the libraries' versions.

    A hash and not a number somebody bumps: a forgotten bump would keep stale results for good.
    """
    digest = hashlib.sha256()
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)}\n".encode())
    package = Path(__file__).parent
    paths = [path for folder in _CODE for path in sorted((package / folder).rglob("*.py"))]
    for path in [*paths, *(package / file for file in _FILES)]:
        digest.update(str(path.relative_to(package)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
