"""The section ``retraining``: how a model is retrained, and what a retraining needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from daywatch.config.base import Frozen, one_line, shaped


class Retraining(Frozen):
    """How the model is retrained, and what has to hold before it is.

    Attributes:
        trainer: The function that trains, as ``package.module:function``; docs/retraining.md has its signature.
        forbidden: Why the model must not be retrained now; empty where it may. It holds for everybody.
        label_share: Share of the window's rows that must have a label.
        minimum_labels: Number of labelled rows that no training has used yet.
        cooldown_days: Number of days between the windows that lead to a retraining.
        horizon_days: Age in days beyond which a window, such as one of a backfill, leads to no retraining.
        hours: Hours that a training may take.
        approval_hours: With ``retrain: ask``, hours that the question waits; without an answer it is rejected.
    """

    trainer: Annotated[
        str,
        shaped(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", "package.module:function, such as 'shop.training:train'"),
    ]
    forbidden: Annotated[str, Field(max_length=500), AfterValidator(one_line)] = ""
    label_share: float = Field(default=0.5, ge=0, le=1)
    minimum_labels: int = Field(default=1000, ge=1)
    cooldown_days: int = Field(default=7, ge=0, le=3650)
    horizon_days: int = Field(default=30, ge=0, le=36_500)
    hours: float = Field(default=6, gt=0, le=240)
    approval_hours: float = Field(default=72, gt=0, le=2160)
