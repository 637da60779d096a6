"""The kinds of DAGs of a model, by the first part of their ids."""

from __future__ import annotations

from daywatch.orchestration.dags.baseline import baseline
from daywatch.orchestration.dags.monitor import monitor
from daywatch.orchestration.dags.reevaluate import reevaluate
from daywatch.orchestration.dags.retrain import retrain

KINDS = {"monitor": monitor, "baseline": baseline, "reevaluate": reevaluate, "retrain": retrain}
