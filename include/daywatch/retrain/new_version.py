"""A version that was trained and compared, before it is registered."""

from __future__ import annotations

from daywatch.results import Record
from daywatch.retrain.compare import Comparison
from daywatch.retrain.training_set import TrainingRecord


class NewVersion(Record):
    """A trained version, before it is registered.

    Attributes:
        model: Name of the model.
        version: Name of the version, made of the window up to which it was trained and the rows' fingerprint.
        artifact_uri: Address of the trained model's file.
        checksum: SHA-256 of that file, hexadecimal.
        description: What was trained, in a sentence.
        metrics: Its metrics on the held-back rows by name; as ``<name>_serving``, those of the version in
            production for the same rows.
        training: What it was trained and evaluated on.
        comparison: The comparison with the version in production.
    """

    model: str
    version: str
    artifact_uri: str
    checksum: str
    description: str
    metrics: dict[str, float]
    training: TrainingRecord
    comparison: Comparison
