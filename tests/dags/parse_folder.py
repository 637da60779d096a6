"""Parses dags/ as Airflow's DAG processor does, and prints as JSON what came of it; run in a fresh process."""

import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

HEAVY = (
    "boto3",
    "duckdb",
    "evidently",
    "great_expectations",
    "numpy",
    "obstore",
    "pandas",
    "pyarrow",
    "sklearn",
)

started = time.process_time()  # of this process alone: what else the machine does is not its cost
bag = DagBag(Path(__file__).parents[2] / "dags")
seconds = time.process_time() - started
dags = {
    dag.dag_id: {
        "doc": dag.doc_md or "",
        "tags": sorted(dag.tags),
        "max_active_runs": dag.max_active_runs,
        "timetable": type(dag.timetable).__name__,
        "deadline": bool(dag.deadline),
        "tasks": {
            task.task_id: {
                "owner": task.owner,
                "retries": task.retries,
                "backoff": bool(task.retry_exponential_backoff),
                "failure_mail": [getattr(one, "contacts", None) for one in (task.on_failure_callback or [])],
                "downstream": sorted(task.downstream_task_ids),
                "trigger_rule": str(task.trigger_rule),
                "priority": task.priority_weight,
                "weight_rule": str(task.weight_rule),
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
heavy = [name for name in HEAVY if name in sys.modules]
json.dump({"seconds": seconds, "errors": bag.import_errors, "dags": dags, "heavy": heavy}, sys.stdout)
