"""The DAG ``retrain__<model>``: train a new version on the labelled inferences so far."""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import DAG, Param, dag, get_current_context

from daywatch.config.deployment.settings import read_settings
from daywatch.config.model.model import MonitoredModel
from daywatch.orchestration.deployment import airflow_deployment
from daywatch.orchestration.models import tags
from daywatch.orchestration.task import default_args, stage_task
from daywatch.retrain.trainer import check_trainer
from daywatch.window import Window

DOC = """
### Retrains {model}: {description}

**Owner** {owner} · **Trainer** `{trainer}`

`monitor__{model}` triggers it once for a window whose verdict is RED, if the plan says so. You can also start it by
hand with a window. It takes the labelled inferences of the baseline and of all judged windows up to that one, trains
on the earlier four fifths, and evaluates the new version and the endpoint's own answers on the latest fifth. It
stores the version with its metrics in `model_version` and deploys nothing.

**When it is red**, read the last line of the log: the trainer failed, or there are no rows to train on.
"""


@stage_task
def train(model: str) -> dict[str, Any]:
    from daywatch.stages.retrain import train as train_version

    window = Window.of_day(get_current_context()["params"]["window"])
    return train_version(model, window, airflow_deployment()).model_dump()


@stage_task
def register(trained: dict[str, Any]) -> None:
    from daywatch.stages.retrain import NewVersion
    from daywatch.stages.retrain import register as register_version

    context = get_current_context()
    window, run = Window.of_day(context["params"]["window"]), context["dag_run"]
    register_version(
        NewVersion(**trained), window, airflow_deployment(), run.start_date or run.run_after, run.run_id
    )


def retrain(model: MonitoredModel) -> DAG | None:
    """Return the DAG that retrains a model, None for a model without a trainer.

    Raises:
        ConfigurationError: There is no such trainer.
    """
    if model.retraining is None:
        return None
    trainer = model.retraining.trainer
    check_trainer(model, read_settings(os.environ).models / f"{model.model}.yaml")

    @dag(
        auto_register=False,
        dag_id=f"retrain__{model.model}",
        schedule=None,
        max_active_runs=1,
        default_args=default_args(model),
        params={
            "window": Param(
                type="string",
                format="date",
                description="The last day whose inferences are used, such as 2013-02-09.",
            ),
            "revision": Param(
                default="",
                type="string",
                description="The revision of the verdict that triggered the run; empty when started by hand.",
            ),
        },
        tags=tags(model, "retrain"),
        doc_md=DOC.format(
            model=model.model, description=model.description, owner=model.owner, trainer=trainer
        ),
    )
    def build() -> None:
        trained = train(model.model)
        trained >> register(trained)

    return build()
