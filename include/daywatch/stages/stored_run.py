"""The run of a window that was judged before, from what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.run import WindowRun
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import newest_revision
from daywatch.warehouse.profiles import baseline_of_window

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.window import Window


def stored_run(model: str, window: Window, deployment: Deployment) -> WindowRun:
    """Return the run of a window's newest revision.

    Args:
        model: Name of the model.
        window: The window.
        deployment: Addresses and connections of storage and warehouse.

    Raises:
        SetupError: The window was not judged.
        InfrastructureError: The warehouse did not answer.
    """
    with transaction(deployment.warehouse_url) as connection:
        revision = newest_revision(connection, model, window)
        if revision is None:
            msg = (
                f"The window {window} of {model!r} was not judged: run `daywatch run --model {model} "
                f"--window {window}`."
            )
            raise SetupError(msg)
        baseline_id = baseline_of_window(connection, model, window, revision)
    start, end = window.start.isoformat(), window.end.isoformat()
    return WindowRun(model=model, start=start, end=end, revision=revision, baseline_id=baseline_id)
