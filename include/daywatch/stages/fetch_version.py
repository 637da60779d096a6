"""The file of a trained version, downloaded and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from daywatch.errors import SetupError
from daywatch.retrain.artifact import check_checksum
from daywatch.storage import open_storage
from daywatch.warehouse.database import transaction
from daywatch.warehouse.retrainings import registered_version

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment


def fetch_version(model: str, version: str, folder: Path, deployment: Deployment) -> Path:
    """Download the file of a version that Daywatch trained, and check that it is the one that was stored.

    Args:
        model: Name of the model.
        version: Name of the version.
        folder: Folder to write the file to, under its own name.
        deployment: Addresses and connections of artifacts and warehouse.

    Raises:
        SetupError: There is no such version, Daywatch did not train it, or its file has changed or is gone.
        InfrastructureError: The storage or the warehouse did not answer.
    """
    with transaction(deployment.warehouse_url) as connection:
        row = registered_version(connection, model, version)
    if row is None or row["checksum"] is None:
        what = (
            "is not registered" if row is None else "was registered by people, who know where its files are"
        )
        msg = f"The version {version!r} of {model!r} {what}: `daywatch versions list --model {model}` shows all."
        raise SetupError(msg)
    address: str = row["artifacts"]["model"]
    target = folder / address.rpartition("/")[2]
    artifacts = open_storage(deployment.artifacts_uri, deployment)
    # It gets its name once it is checked: nobody must load another file by accident.
    unchecked = target.with_name(f".{target.name}.unchecked")
    try:
        artifacts.download(f"{model}/versions/{version}/{target.name}", unchecked)
        check_checksum(unchecked, row["checksum"], address)
        return unchecked.replace(target)
    except FileNotFoundError:
        msg = f"The file at {address} is gone: train the version again."
        raise SetupError(msg) from None
    finally:
        unchecked.unlink(missing_ok=True)
