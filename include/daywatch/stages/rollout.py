"""The verdict on two versions that serve at once, as far as a window and those before it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.artifacts import WindowFolder
from daywatch.engine.settings import scratch_folder
from daywatch.rollout.compare import ServedFiles, compare_versions
from daywatch.rollout.verdict import RolloutVerdict
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.history import judged_windows

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.config.model.model import MonitoredModel
    from daywatch.run import WindowRun


def stored_rollout(run: WindowRun, deployment: Deployment) -> RolloutVerdict:
    """Return the verdict on two versions that is stored with a window.

    Args:
        run: The window's run.
        deployment: Address of the artifacts.

    Raises:
        InfrastructureError: The storage did not answer.
    """
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    return RolloutVerdict.model_validate_json(artifacts.read(run.folder.rollout))


def judge_versions(run: WindowRun, model: MonitoredModel, deployment: Deployment) -> RolloutVerdict | None:
    """Judge the two versions of a rollout by the last windows up to one; None for a model without a rollout.

    The verdict is stored with the window.

    Args:
        run: The window's run.
        model: The model's configuration.
        deployment: Addresses and connections of artifacts and warehouse.

    Raises:
        InfrastructureError: The storage or the warehouse did not answer.
    """
    settings = model.rollout
    if settings is None:
        return None
    with transaction(deployment.warehouse_url) as connection:
        before = judged_windows(connection, run.model, before=run.window.start, limit=settings.days)
    earlier = (
        [(one.window, one.revision) for one in before][-(settings.days - 1) :] if settings.days > 1 else []
    )
    windows = [*earlier, (run.window.key, run.revision)]
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    with scratch_folder(deployment.engine) as scratch:
        files = []
        for number, (window, revision) in enumerate(windows):
            folder = WindowFolder(run.model, window, revision)
            paths = (scratch / f"{number:03}.parquet", scratch / f"{number:03}_operations.parquet")
            for key, path in zip((folder.inferences, folder.operations), paths, strict=True):
                artifacts.download(key, path)
            files.append(ServedFiles(window, *paths))
        verdict = compare_versions(files, model, settings, scratch)
    artifacts.write(run.folder.rollout, verdict.model_dump_json(indent=1).encode())
    return verdict
