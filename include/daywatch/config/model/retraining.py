"""The section ``retraining``: how a model is retrained, and what a retraining needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from daywatch.config.base import Frozen, one_line, shaped
from daywatch.config.model.alerts import ConnectionName
from daywatch.config.model.columns import Task
from daywatch.config.model.schedule import Bytes

AREA = "roc_auc"

COMPARABLE = {
    Task.BINARY: (AREA, "accuracy", "precision", "recall", "f1", "brier_score"),
    Task.MULTICLASS: ("accuracy",),
    Task.REGRESSION: ("mae", "mse", "rmse", "r2"),
}
"""The metrics in which two versions can be compared, by task."""


class Mode(StrEnum):
    """Which labelled inferences a new version is trained on: all so far, or those of the last days."""

    EXPANDING = "expanding"
    SLIDING = "sliding"


class SageMakerPipeline(Frozen):
    """A pipeline of Amazon SageMaker.

    Attributes:
        name: Its name.
        connection: The Airflow connection of type aws.
    """

    name: Annotated[
        str, shaped(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,255}", "the name of a pipeline, such as 'deploy-flights'")
    ]
    connection: ConnectionName


class Promotion(Frozen):
    """When a new version is better than the one in production.

    Attributes:
        metric: The metric that decides; None for the plan's first performance metric that two models can be
            compared in.
        margin: How much better the new version must be, in the metric's own unit.
        slice_tolerance: How much worse it may be in a slice.
        minimum_rows: Number of held-back rows that are needed.
        dag: A DAG of Airflow that is triggered once for each promoted version; None for none.
        pipeline: A pipeline of SageMaker that is started for each promoted version; None for none.
    """

    metric: str | None = None
    margin: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    slice_tolerance: float = Field(default=0.05, ge=0, allow_inf_nan=False)
    minimum_rows: int = Field(default=200, ge=2)
    dag: Annotated[str, shaped(r"[\w.-]{1,250}", "the id of a DAG, such as 'deploy_flights'")] | None = None
    pipeline: SageMakerPipeline | None = None


class Retraining(Frozen):
    """How the model is retrained, and what has to hold before it is.

    Attributes:
        trainer: The function that trains, as ``package.module:function``; docs/retraining.md has its signature.
        every: After how long without a training one is due on any verdict, such as ``30 days``; None for never.
        forbidden: Why the model must not be retrained now; empty where it may. It holds for everybody.
        label_share: Share of the window's rows that must have a label.
        minimum_labels: Number of labelled rows that no training has used yet.
        cooldown_days: Number of days between the windows that lead to a retraining.
        horizon_days: Age in days beyond which a window, such as one of a backfill, leads to no retraining.
        mode: Whether the rows of all windows are used, or those of the last days.
        days: With ``sliding``, how many days before the rows that are held back.
        held_back_windows: How many windows, the last ones, are never trained on: the new version is evaluated there.
        hours: Hours that a training may take.
        memory: Memory that the trainer's process may reserve.
        promotion: When the new version is better than the one in production.
        approval_hours: With ``retrain: ask``, hours that the question waits; without an answer it is rejected.
    """

    trainer: Annotated[
        str,
        shaped(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", "package.module:function, such as 'shop.training:train'"),
    ]
    every: Annotated[str, shaped(r"[1-9][0-9]{0,3} days?", "a number of days, such as '30 days'")] | None = (
        None
    )
    forbidden: Annotated[str, Field(max_length=500), AfterValidator(one_line)] = ""
    label_share: float = Field(default=0.5, ge=0, le=1)
    minimum_labels: int = Field(default=1000, ge=1)
    cooldown_days: int = Field(default=7, ge=0, le=3650)
    horizon_days: int = Field(default=30, ge=0, le=36_500)
    mode: Mode = Mode.EXPANDING
    days: int | None = Field(default=None, ge=1, le=3650)
    held_back_windows: int = Field(default=7, ge=1, le=366)
    hours: float = Field(default=6, gt=0, le=240)
    memory: Bytes = "8Gi"
    approval_hours: float = Field(default=72, gt=0, le=2160)
    promotion: Promotion = Promotion()

    @property
    def every_days(self) -> int | None:
        """After how many days without a training one is due, None for never."""
        return None if self.every is None else int(self.every.partition(" ")[0])

    @model_validator(mode="after")
    def _days_of_sliding(self) -> Retraining:
        if (self.days is not None) != (self.mode is Mode.SLIDING):
            msg = "expected 'days' with the mode sliding, and with no other"
            raise ValueError(msg)
        return self
