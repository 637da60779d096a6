"""What Model Monitor's files say of a proposed YAML: names, types, drift, baseline, rules and the suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daywatch.adopt.features import ProposedFeature
from daywatch.adopt.guesses import Section
from daywatch.adopt.sagemaker.constraints import DataConstraints, QualityConstraints, read_constraints
from daywatch.adopt.sagemaker.contradictions import check_constraints, check_statistics
from daywatch.adopt.sagemaker.expectations import suite_of
from daywatch.adopt.sagemaker.quality_rules import quality_rules
from daywatch.config.model.baseline import STATISTICS_ENDING
from daywatch.config.model.columns import ColumnType
from daywatch.errors import SetupError
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.adopt.columns import SampledColumn
    from daywatch.adopt.sagemaker.constraints import Comparison, FeatureConstraints

_TYPES = {"Integral": ColumnType.INTEGER, "Fractional": ColumnType.NUMBER, "String": ColumnType.CATEGORY}
_SHOWN = 8

_OF_EXPECTATIONS = (
    {"metric": "expectations_failed_critical", "red": "> 0"},
    {"metric": "expectations_failed", "amber": "> 0"},
)


@dataclass(frozen=True)
class Monitored:
    """The files of Model Monitor that a team has.

    Attributes:
        data: The constraints of data quality.
        quality: The constraints of model quality.
        address: Address of the constraints of data quality, for comments and sentences.
        statistics: Path of the statistics below the data URI.
    """

    data: DataConstraints | None = None
    quality: tuple[QualityConstraints, ...] = ()
    address: str = ""
    statistics: str = ""

    def feature_names(self, columns: Sequence[SampledColumn]) -> tuple[str, ...]:
        """Return the names of features that the captures have by position; none without constraints.

        Model Monitor writes answers and labels before the features.

        Args:
            columns: The captured features.

        Raises:
            SetupError: The captures have more columns than the constraints.
        """
        if self.data is None:
            return ()
        names = [one.name for one in self.data.features]
        if len(names) < len(columns):
            msg = (
                f"The captures have {len(columns)} values in a row, but {self.address} has constraints of "
                f"{len(names)} columns: are they of this model?"
            )
            raise SetupError(msg)
        return tuple(names[len(names) - len(columns) :])

    def constraints_of(
        self, columns: Sequence[SampledColumn], names: Sequence[str]
    ) -> dict[str, FeatureConstraints]:
        """Return the constraints of the features by the features' names in the YAML.

        Args:
            columns: The captured features.
            names: Their names in the YAML.

        Raises:
            SetupError: No feature has constraints.
        """
        if self.data is None:
            return {}
        theirs = {one.name: one for one in self.data.features}
        by_position = self.feature_names(columns) if not set(theirs) & {one.name for one in columns} else ()
        asked = by_position or [one.name for one in columns]
        found = {own: theirs[name] for own, name in zip(names, asked, strict=True) if name in theirs}
        if not found:
            listed = ", ".join(map(shown, list(theirs)[:_SHOWN]))
            msg = f"{self.address} has constraints of {listed}, but of no feature of the captures."
            raise SetupError(msg)
        return found

    def typed(
        self, features: Sequence[ProposedFeature], constraints: Mapping[str, FeatureConstraints]
    ) -> tuple[ProposedFeature, ...]:
        """Return the features with the types of their constraints, and with their own drift settings."""
        return tuple(self._typed(one, constraints.get(one.values["name"])) for one in features)

    def _typed(self, feature: ProposedFeature, constraints: FeatureConstraints | None) -> ProposedFeature:
        if constraints is None or self.data is None:
            return feature
        values, because = dict(feature.values), feature.because
        kind = _TYPES.get(constraints.inferred_type)
        if kind is not None and not (kind is ColumnType.CATEGORY and values["type"] == ColumnType.TEXT):
            values["type"], because = str(kind), f"{constraints.inferred_type} in the constraints"
        common, own = self.data.monitoring_config, constraints.config
        if own.evaluate_constraints and own.distribution_constraints != common.distribution_constraints:
            settings = _settings(own.distribution_constraints, ColumnType(values["type"]))
            if settings:
                values["drift"] = settings
        return ProposedFeature(values, because)

    def drift(self) -> Section | None:
        """Return the section ``drift``; None where distributions are not compared."""
        if self.data is None or not self.data.monitoring_config.distribution_constraints.is_on:
            return None
        compared = self.data.monitoring_config.distribution_constraints
        return Section(
            {"numeric": compared.numeric, "categorical": compared.categorical},
            {"numeric": "comparison_method and comparison_threshold", "categorical": "the same of texts"},
        )

    def baseline(self, features: Sequence[str]) -> Section | None:
        """Return the section ``baseline``; None without statistics.

        Args:
            features: Names of the features.
        """
        if not self.statistics:
            return None
        values: dict[str, Any] = {"dataset": self.statistics}
        others = [one for one in (self.data.features if self.data else ()) if one.name not in features]
        decisions = [
            "baseline: once there are good days or the training file, give those instead of statistics."
        ]
        if len(others) == 1 and others[0].inferred_type != "Fractional":
            values["label"] = others[0].name
            decisions.append(f"baseline.label: is {shown(others[0].name)} the label?")
        return Section(values, {"dataset": "its distributions stand for rows"}, decisions)

    def plan(self, output: Section, *, has_labels: bool) -> Section:
        """Return the section ``plan``: the standard rules, and those of the constraints.

        Args:
            output: The section ``output``.
            has_labels: Whether there are labels, which performance needs.

        Raises:
            SetupError: There are none, or the constraints are of another task.
        """
        if self.quality and not has_labels:
            msg = "Constraints of model quality need labels: give their folder with --labels."
            raise SetupError(msg)
        task = output.values["task"]
        values: dict[str, Any] = {"preset": "standard"}
        rules, absent = [], []
        if self.data is not None:
            rules = [dict(one) for one in _OF_EXPECTATIONS]
        for one in self.quality:
            if one.kind != task:
                msg = (
                    f"The constraints of model quality are of {shown(one.kind)}, but the captures look like {task}: "
                    "are they of this model?"
                )
                raise SetupError(msg)
            for theirs, rule in quality_rules(one, output.values):
                rules += [rule] if rule else []
                absent += [] if rule else [theirs]
        if rules:
            values["rules"] = rules
        listed = ", ".join(map(shown, absent))
        decisions = [f"plan.rules: no counterpart of {listed}."] if absent else []
        because = {
            "preset": "thresholds from the baseline's own days",
            "rules": "the constraints, by their severities",
        }
        return Section(values, because, decisions)

    def suite(
        self, model: str, constraints: Mapping[str, FeatureConstraints], types: Mapping[str, ColumnType]
    ) -> dict[str, Any] | None:
        """Return the suite; None without constraints of data quality."""
        return suite_of(model, constraints, types) if self.data is not None else None

    def decisions(self, constraints: Mapping[str, FeatureConstraints]) -> Iterator[str]:
        """Yield what the constraints say that has no counterpart, as sentences."""
        if self.data is None:
            return
        config, compared = self.data.monitoring_config, self.data.monitoring_config.distribution_constraints
        used = {one.name for one in constraints.values()}
        if others := [one.name for one in self.data.features if one.name not in used]:
            listed = ", ".join(map(shown, others[:_SHOWN]))
            yield f"constraints of {listed} have no feature: answers and labels are judged by the plan."
        if config.emit_metrics:
            yield "emit_metrics is Enabled: set model_monitor.cloudwatch, and alarms stay as they are."
        if not config.evaluate_constraints:
            yield "evaluate_constraints is Disabled: the suite checks nothing, but the standard rules judge."
        off = [name for name, one in constraints.items() if not one.config.evaluate_constraints]
        if off and config.evaluate_constraints:
            listed = ", ".join(map(shown, off[:_SHOWN]))
            yield f"evaluate_constraints is Disabled for {listed}: no expectations, but drift is judged."
        if not compared.is_on:
            yield "perform_comparison is Disabled: the standard rules judge drift nevertheless."
        quiet = [name for name, one in constraints.items() if not one.config.distribution_constraints.is_on]
        if quiet and compared.is_on:
            listed = ", ".join(map(shown, quiet[:_SHOWN]))
            yield f"perform_comparison is Disabled for {listed}: drift is judged nevertheless."
        if compared.categorical_drift_method == "ChiSquared":
            yield (
                "drift.categorical: chisquare is a p-value, so that a column drifts below the threshold; theirs may "
                "be the statistic."
            )


def _settings(compared: Comparison, kind: ColumnType) -> dict[str, Any] | None:
    if not compared.is_on or kind is ColumnType.TEXT:
        return None
    return compared.numeric if kind.is_numeric else compared.categorical


def read_monitored(
    constraints: Sequence[str], statistics: str, read: Callable[[str], bytes], address: Callable[[str], str]
) -> Monitored:
    """Read the files of Model Monitor.

    Args:
        constraints: Paths of files of constraints; each may be of data quality or of model quality.
        statistics: Path of the statistics of data quality; empty for none.
        read: Returns the content of a path.
        address: Returns the address of a path, for sentences.

    Raises:
        SetupError: A file is not there, is another, or contradicts another one.
        InfrastructureError: The storage did not answer.
    """
    data: tuple[DataConstraints, str] | None = None
    quality: list[QualityConstraints] = []
    for path in constraints:
        found, where = read_constraints(_content(path, read, address), address(path)), address(path)
        if isinstance(found, QualityConstraints):
            quality.append(found)
        elif data is None:
            data = found, where
        else:
            check_constraints(data[0], found, (data[1], where))
    if statistics and not statistics.endswith(STATISTICS_ENDING):
        msg = f"{address(statistics)}: expected a file with statistics, which ends with {STATISTICS_ENDING}."
        raise SetupError(msg)
    if statistics:
        check_statistics(_content(statistics, read, address), address(statistics), *(data or (None, "")))
    return Monitored(data[0] if data else None, tuple(quality), data[1] if data else "", statistics)


def _content(path: str, read: Callable[[str], bytes], address: Callable[[str], str]) -> bytes:
    try:
        return read(path)
    except FileNotFoundError:
        msg = f"There is no file {address(path)}: give the address of a constraints.json or statistics.json."
        raise SetupError(msg) from None
