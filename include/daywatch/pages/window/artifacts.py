"""The files of a window that may be downloaded: those that the stages wrote, by name."""

from __future__ import annotations

from enum import StrEnum


class Artifact(StrEnum):
    """The files, by their names in the folder of a window."""

    VERDICT = "verdict.json"
    EXPORT = "export.json"
    VALIDATION = "validation.json"
    GREAT_EXPECTATIONS = "great_expectations.json"
    SUITE = "suite.json"
    MEASUREMENT = "measurement.json"
    PROFILE = "profile.json"
    PROFILE_DRIFT = "profile_drift.json"
    EVIDENTLY = "evidently.json"
    REPORT = "report.json"
    INFERENCES = "inferences.parquet"
    OPERATIONS = "operations.parquet"
    QUARANTINE = "quarantine.parquet"

    @property
    def content(self) -> str:
        """What the file contains."""
        return _CONTENT[self]

    @property
    def media_type(self) -> str:
        """The file's media type."""
        return "application/json" if self.endswith(".json") else "application/vnd.apache.parquet"

    @property
    def has_rows(self) -> bool:
        """Whether the file contains captured rows."""
        return self.endswith(".parquet")


_CONTENT = {
    Artifact.VERDICT: "the verdict with the outcome of each rule",
    Artifact.EXPORT: "the counts of what was read",
    Artifact.VALIDATION: "the results of the expectations",
    Artifact.GREAT_EXPECTATIONS: "Great Expectations' own result",
    Artifact.SUITE: "the expectations in force",
    Artifact.MEASUREMENT: "metrics, findings, confusion matrix",
    Artifact.PROFILE: "statistics of each column",
    Artifact.PROFILE_DRIFT: "drift of longer windows and against other baselines",
    Artifact.EVIDENTLY: "Evidently's snapshot",
    Artifact.REPORT: "everything that the mail shows",
    Artifact.INFERENCES: "the rows, with their labels",
    Artifact.OPERATIONS: "how each request was served",
    Artifact.QUARANTINE: "what could not be read, with the reason",
}
