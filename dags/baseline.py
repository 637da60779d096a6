"""One DAG for each model: build its baseline from labelled inferences and freeze it."""

from __future__ import annotations

from airflow.sdk import DAG, dag
from daywatch.config.model.model import MonitoredModel
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import models_to_parse, tags
from daywatch.orchestration.task import default_args, stage_task

DOC = """
### Builds the baseline of {model}: {description}

**Owner** {owner}

Start it by hand: once before the first day, and again after a change of `baseline` in
`include/models/{model}.yaml`. It reads the inferences of {first} to {last}, freezes them under an id, computes
their profile, and suggests an expectation suite. Your edits in `include/suites/{model}.json` are kept. The same
evidence gives the same id.

**When it is red**, read the last line of the log. Most often the days have too few rows or labels. Windows that
are already judged keep their verdict; run them again to compare them with the new baseline.
"""


@stage_task
def build_baseline(model: str) -> str:
    from daywatch.stages.build_baseline import build_baseline as build

    return build(model, airflow_deployment())


def baseline(model: MonitoredModel) -> DAG:
    """Return the DAG that builds a model's baseline."""

    @dag(
        dag_id=f"baseline__{model.model}",
        schedule=None,
        max_active_runs=1,
        default_args=default_args(model),
        tags=tags(model, "baseline"),
        doc_md=DOC.format(
            model=model.model,
            description=model.description,
            owner=model.owner,
            first=model.baseline.first,
            last=model.baseline.last,
        ),
    )
    def build() -> None:
        build_baseline(model.model)

    return build()


for _model in models_to_parse():
    globals()[f"baseline__{_model.model}"] = baseline(_model)
