"""Keys of the artifacts of a window and of a baseline, below the artifacts URI.

The folder of a window is named by its revision and never changes afterwards: a rerun on the same evidence writes the
same bytes to the same keys, and new evidence gets a folder of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowFolder:
    """Keys of one window at one revision.

    Attributes:
        model: Name of the model.
        window: The window's key, such as ``2013-02-09``.
        revision: Fingerprint of all that the verdict depends on, 16 hexadecimal digits.
    """

    model: str
    window: str
    revision: str

    @property
    def prefix(self) -> str:
        """The folder's key, without a slash at its end."""
        return f"{self.model}/windows/{self.window}/{self.revision}"

    def key(self, name: str) -> str:
        """Return the key of a file in the folder."""
        return f"{self.prefix}/{name}"

    @property
    def inferences(self) -> str:
        """Canonical Parquet: one row per inference, with its label in the column ``label``."""
        return self.key("inferences.parquet")

    @property
    def quarantine(self) -> str:
        """Parquet: records that cannot be read, each with its reason."""
        return self.key("quarantine.parquet")

    @property
    def operations(self) -> str:
        """Parquet: one row per readable capture record, with how its request was served."""
        return self.key("operations.parquet")

    @property
    def export(self) -> str:
        """JSON: counts of what was read."""
        return self.key("export.json")

    @property
    def suite(self) -> str:
        """The expectations in force: suggested by the baseline, edited by people."""
        return self.key("suite.json")

    @property
    def validation(self) -> str:
        """JSON: results of the expectations."""
        return self.key("validation.json")

    @property
    def great_expectations(self) -> str:
        """Great Expectations' own validation result, JSON."""
        return self.key("great_expectations.json")

    @property
    def measurement(self) -> str:
        """JSON: metrics and findings."""
        return self.key("measurement.json")

    @property
    def slow(self) -> str:
        """JSON: the slowest answers, by id."""
        return self.key("slow.json")

    @property
    def history(self) -> str:
        """JSON: the earlier windows, by which the window is judged."""
        return self.key("history.json")

    @property
    def profile(self) -> str:
        """JSON: statistics of each column, on the baseline's histogram edges."""
        return self.key("profile.json")

    @property
    def slice_profiles(self) -> str:
        """JSON: the same statistics of each slice."""
        return self.key("slice_profiles.json")

    @property
    def profile_drift(self) -> str:
        """JSON: drift of longer windows and compared with other baselines, from profiles."""
        return self.key("profile_drift.json")

    @property
    def evidently_html(self) -> str:
        """Evidently's report."""
        return self.key("evidently.html")

    @property
    def evidently_json(self) -> str:
        """Evidently's snapshot."""
        return self.key("evidently.json")

    @property
    def verdict(self) -> str:
        """JSON: the verdict."""
        return self.key("verdict.json")

    @property
    def report(self) -> str:
        """JSON: everything that the mail shows."""
        return self.key("report.json")

    @property
    def rollout(self) -> str:
        """JSON: the verdict on two versions that serve at once."""
        return self.key("rollout.json")

    @property
    def report_html(self) -> str:
        """The mail as a page of its own."""
        return self.key("report.html")

    @property
    def report_text(self) -> str:
        """The mail's plain text."""
        return self.key("report.txt")

    @property
    def constraint_violations(self) -> str:
        """JSON: what did not hold, as SageMaker Model Monitor writes it."""
        return self.key("constraint_violations.json")

    @property
    def statistics(self) -> str:
        """JSON: statistics of each column, as SageMaker Model Monitor writes them."""
        return self.key("statistics.json")

    @property
    def constraints(self) -> str:
        """JSON: what was expected of each column, as SageMaker Model Monitor writes it."""
        return self.key("constraints.json")

    @property
    def mail(self) -> str:
        """JSON: the rendered mail with its pictures; everything except addresses and dates."""
        return self.key("mail.json")


@dataclass(frozen=True)
class BaselineFolder:
    """Keys of one frozen baseline.

    Attributes:
        model: Name of the model.
        baseline_id: Id of the baseline: its days and a fingerprint of its rows.
    """

    model: str
    baseline_id: str

    @property
    def prefix(self) -> str:
        """The folder's key, without a slash at its end."""
        return f"{self.model}/baselines/{self.baseline_id}"

    @property
    def inferences(self) -> str:
        """Canonical Parquet of the reference rows."""
        return f"{self.prefix}/inferences.parquet"

    @property
    def profile(self) -> str:
        """JSON: profile of each column."""
        return f"{self.prefix}/profile.json"

    @property
    def suite(self) -> str:
        """The suggested Great Expectations suite, GX's own JSON."""
        return f"{self.prefix}/suite.json"

    @property
    def export(self) -> str:
        """JSON: counts of what was read."""
        return f"{self.prefix}/export.json"

    @property
    def findings(self) -> str:
        """JSON: what makes the rows useless as a baseline, as far as a person accepted it."""
        return f"{self.prefix}/findings.json"

    @property
    def calibration(self) -> str:
        """JSON: from where on a window's numbers stand out; of a model whose plan has the standard rules."""
        return f"{self.prefix}/calibration.json"

    @property
    def performance(self) -> str:
        """The rows of the days that the baseline has its performance from, if its data set has no predictions."""
        return f"{self.prefix}/performance.parquet"

    @property
    def category_types(self) -> str:
        """JSON: what the categories and classes are, for each column that has any."""
        return f"{self.prefix}/category_types.json"

    @property
    def quarantine(self) -> str:
        """Parquet: records of the baseline that cannot be read, each with its reason."""
        return f"{self.prefix}/quarantine.parquet"

    @property
    def operations(self) -> str:
        """Parquet: one row per readable capture record of the baseline, with how its request was served."""
        return f"{self.prefix}/operations.parquet"


@dataclass(frozen=True)
class VersionFolder:
    """Keys of one trained version.

    Attributes:
        model: Name of the model.
        version: Name of the version.
    """

    model: str
    version: str

    def key(self, name: str) -> str:
        """Return the key of a file in the folder, such as the trained model's."""
        return f"{self.model}/versions/{self.version}/{name}"

    @property
    def evaluation(self) -> str:
        """JSON: the training set, the comparison and the checksum."""
        return self.key("evaluation.json")

    @property
    def held_back(self) -> str:
        """Canonical Parquet of the held-back rows with the version's answers."""
        return self.key("held_back.parquet")
