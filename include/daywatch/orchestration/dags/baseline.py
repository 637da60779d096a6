"""The DAG ``baseline__<model>``: build its baseline from labelled inferences or a data set, and freeze it."""

from __future__ import annotations

from airflow.sdk import DAG, Param, dag, get_current_context

from daywatch.config.model.model import MonitoredModel
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.task import default_args, stage_task

DOC = """
### Builds the baseline of {model}: {description}

**Owner** {owner}

Start it by hand: once before the first day, and again after a change of `baseline` in
`include/models/{model}.yaml`. It reads {source}, freezes them under an id, computes
their profile, and suggests an expectation suite. Your edits in `include/suites/{model}.json` are kept. The same
evidence gives the same id.

**When it is red**, read the last line of the log. Most often the days have too few rows or labels, or a fault of the
data; the parameter `accept` freezes them nevertheless. Windows that
are already judged keep their verdict; run them again to compare them with the new baseline.
"""


@stage_task
def build_baseline(model: str) -> str:
    from daywatch.stages.build_baseline import build_baseline as build

    return build(model, airflow_deployment(), accept=get_current_context()["params"]["accept"])


def _source(model: MonitoredModel) -> str:
    """Return what the baseline is made of."""
    if model.baseline.dataset is not None:
        return f"the rows of the data set `{model.baseline.dataset}`"
    return f"the inferences of {model.baseline.first} to {model.baseline.last}"


def baseline(model: MonitoredModel) -> DAG:
    """Return the DAG that builds a model's baseline."""

    @dag(
        auto_register=False,
        dag_id=f"baseline__{model.model}",
        schedule=None,
        max_active_runs=1,
        default_args=default_args(model),
        params={
            "accept": Param(
                default=False,
                type="boolean",
                description="Freeze the days even if labels, predictions or features say nothing about windows.",
            )
        },
        tags=tags(model, "baseline"),
        doc_md=DOC.format(
            model=model.model,
            description=model.description,
            owner=model.owner,
            source=_source(model),
        ),
    )
    def build() -> None:
        build_baseline(model.model)

    return build()
