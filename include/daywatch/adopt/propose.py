"""A model's YAML, proposed from a bounded sample of its captures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from daywatch.adopt.answers import output_section
from daywatch.adopt.baseline import (
    dataset_columns,
    dataset_section,
    days_section,
    feature_names,
    first_day,
)
from daywatch.adopt.captures import captured
from daywatch.adopt.dated_folders import dated_folders
from daywatch.adopt.features import proposed_features
from daywatch.adopt.labels import labels_section
from daywatch.adopt.sagemaker.monitored import read_monitored
from daywatch.adopt.yaml_text import yaml_lines
from daywatch.config.loading.load import load_model
from daywatch.config.model.columns import ColumnType
from daywatch.config.model.model import Name
from daywatch.engine.settings import scratch_folder
from daywatch.errors import ConfigurationError, SetupError
from daywatch.formatting import plural
from daywatch.storage import open_storage
from daywatch.validation.suite import write_suite

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment

_CONTACT = "decide@example.com"


@dataclass(frozen=True)
class Proposal:
    """A proposed YAML.

    Attributes:
        text: The YAML, which lints clean.
        seen: What was looked at, as a sentence.
        decisions: What a person has to decide, as sentences.
        suite: The expectations of Model Monitor's constraints, as Great Expectations writes a suite; None without.
    """

    text: str
    seen: str
    decisions: tuple[str, ...]
    suite: dict[str, Any] | None = None


def propose(
    model: str,
    captures: str,
    deployment: Deployment,
    dataset: str | None = None,
    labels: str | None = None,
    constraints: Sequence[str] = (),
    statistics: str | None = None,
) -> Proposal:
    """Propose a model's YAML from the first and the last day of its captures.

    Args:
        model: Name of the model.
        captures: Folder of the captures: below the data URI, or as the whole address.
        deployment: The data URI with its connection.
        dataset: The training file, for the baseline; same form.
        labels: Folder of the labels; same form.
        constraints: Files ``constraints.json`` of SageMaker Model Monitor; same form.
        statistics: The file ``statistics.json``, the baseline where there is no data set; same form.

    Raises:
        SetupError: Something is not there or cannot be recognised, or two files contradict each other; the sentence
            says what was seen instead.
        InfrastructureError: The storage did not answer.
    """
    _check_name(model)
    storage = open_storage(deployment.data_uri, deployment)
    with scratch_folder(deployment.engine) as scratch:
        dated = dated_folders(storage, _below(captures, deployment))
        found = captured(storage, dated, model, scratch)
        monitored = read_monitored(
            [_below(one, deployment) for one in constraints],
            _below(statistics, deployment) if statistics else "",
            storage.read,
            storage.address,
        )
        names: tuple[str, ...] = () if found.has_names else monitored.feature_names(found.features)
        path = _below(dataset, deployment) if dataset else ""
        columns = dataset_columns(storage, path, scratch) if path else ()
        if path and not found.has_names and not names:
            names = feature_names(storage.address(path), columns, found.features)
        features = proposed_features(found, names)
        limits = monitored.constraints_of(found.features, [one.values["name"] for one in features])
        features = monitored.typed(features, limits)
        own = [one.values["name"] for one in features]
        output = output_section(found.answers, have_names=found.answers_have_names)
        if path:
            baseline, schedule = dataset_section(path, columns, own, dated)
        else:
            baseline, schedule = days_section(dated)
        if not path and (of_statistics := monitored.baseline(own)):
            baseline, schedule = of_statistics, first_day(dated)
        sections = [("output", output), ("capture", found.capture)]
        if labels:
            sections.append(("labels", labels_section(storage, _below(labels, deployment), scratch)))
        sections.append(("baseline", baseline))
        if drift := monitored.drift():
            sections.append(("drift", drift))
        sections += [("plan", monitored.plan(output, has_labels=labels is not None)), ("schedule", schedule)]
        days = " and ".join(sorted({str(dated.first), str(dated.last)}))
        seen = f"{plural(found.rows, 'row')} of {days} under {storage.address(dated.prefix)}"
        lines = [
            f"# Proposed by `daywatch init` from {seen}.",
            "# Each comment says what its line rests on; a person decides what says 'decide'.",
            *yaml_lines(_head(model), features, sections),
        ]
        text = "\n".join(lines) + "\n"
        _check(text, model, scratch)
        types = {one.values["name"]: ColumnType(one.values["type"]) for one in features}
        suite = monitored.suite(model, limits, types)
    decisions = ["owner, contacts, namespace and description: nothing in the captures says them."]
    if not found.has_names and not names:
        decisions.append("features[].name: the captures have only positions; name them in their order.")
    decisions.append("features[].type: a whole number may stand for a category.")
    decisions.append("redaction: which columns are about persons?")
    if not labels:
        decisions.append("labels: without them there is no performance; --labels finds them.")
    decisions += [one for _, section in sections for one in section.decisions]
    decisions += monitored.decisions(limits)
    return Proposal(text, seen, tuple(decisions), suite)


def _head(model: str) -> list[tuple[str, str | list[str], str]]:
    return [
        ("model", model, ""),
        ("namespace", f"/models/{model}", "decide: its place in your organisation"),
        ("description", f"The model {model}.", "decide: what it predicts, in one sentence"),
        ("owner", "decide", "decide: the team or person responsible for it"),
        ("contacts", [_CONTACT], "decide: who gets its mails"),
    ]


def _check_name(model: str) -> None:
    try:
        TypeAdapter(Name).validate_python(model)
    except ValidationError as error:
        msg = f"--model: {error.errors()[0]['msg'].removeprefix('Value error, ')}."
        raise SetupError(msg) from None


def _below(address: str, deployment: Deployment) -> str:
    """Return an address as a path below the data URI.

    Raises:
        SetupError: It is somewhere else.
    """
    root = deployment.data_uri.rstrip("/")
    if address.rstrip("/") == root:
        return ""
    if address.startswith(f"{root}/"):
        return address.removeprefix(f"{root}/").strip("/")
    if "://" in address or Path(address).is_absolute() or ".." in address.split("/"):
        msg = (
            f"{address} is not below {root}, where this installation reads: set DAYWATCH_DATA_URI to a folder or "
            "bucket that has all captures, or copy them there."
        )
        raise SetupError(msg)
    return address.strip("/")


def _check(text: str, model: str, scratch: Path) -> None:
    """Check that the YAML lints clean.

    Raises:
        SetupError: It does not, because a name or a path in the captures is none that a YAML may have.
    """
    file = scratch / f"{model}.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load_model(file)
    except ConfigurationError as error:
        said = "; ".join(f"{one.where}: {one.message}" for one in error.problems[:3])
        msg = f"What was found gives no valid configuration: {said}. Write the YAML by hand, as docs/captures.md shows."
        raise SetupError(msg) from None
    finally:
        file.unlink()


def write_new(proposal: Proposal, path: Path, suite: Path | None = None) -> None:
    """Write a proposal to files that do not exist yet.

    Args:
        proposal: The proposal.
        path: The YAML.
        suite: The suite, if the proposal has one.

    Raises:
        SetupError: A file exists, or its folder cannot be written; nothing is changed.
    """
    if suite is not None and proposal.suite is not None and suite.exists():
        msg = f"{suite} exists, and is not changed. Move it away, or choose another --model."
        raise SetupError(msg)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(proposal.text)
        if suite is not None and proposal.suite is not None:
            write_suite(suite, proposal.suite)
    except FileExistsError:
        msg = f"{path} exists, and is not changed. Choose another --model, or show the proposal with --print."
        raise SetupError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}."
        raise SetupError(msg) from None
