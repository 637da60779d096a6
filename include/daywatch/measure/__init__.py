"""Measuring: drift, prediction drift, target drift and performance, with Evidently.

Everything below imports pandas, SciPy and Evidently inside functions only: the stage's modules are imported
where Airflow parses DAG files.
"""

from __future__ import annotations

import os

# Evidently reads this when it is first imported: no usage data leaves the machine.
os.environ.setdefault("DO_NOT_TRACK", "1")
