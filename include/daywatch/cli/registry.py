"""The commands ``daywatch versions`` and ``daywatch deployments``."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import (
    Format,
    FormatOption,
    ModelOption,
    NamespaceOption,
    OneModelOption,
    check_one_choice,
    chosen_models,
)

if TYPE_CHECKING:
    from daywatch.config.deployment.deployment import Deployment
    from daywatch.results import Record

versions_app = typer.Typer(
    no_args_is_help=True, help="Register and list model versions and the files of each."
)
deployments_app = typer.Typer(no_args_is_help=True, help="Register and list deployments of model versions.")

_ANY_WIDTH = 100_000

VersionOption = Annotated[str, typer.Option("--version", help="Name of the version, as in the captures.")]
AtOption = Annotated[
    str | None,
    typer.Option("--created-at", help="Time of creation, such as 2013-02-09T10:00:00Z; now by default."),
]
ByOption = Annotated[
    str | None, typer.Option("--created-by", help="Who created it; your login name by default.")
]


@versions_app.command("add")
def versions_add(
    model: ModelOption,
    version: VersionOption,
    *,
    description: Annotated[str, typer.Option(help="What the version is, in one sentence.")] = "",
    artifact: Annotated[
        list[str] | None, typer.Option(help="NAME=URI of a file of the version. Can be repeated.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Data set that becomes the baseline of the version, such as train.csv.")
    ] = None,
    created_at: AtOption = None,
    created_by: ByOption = None,
) -> None:
    """Register a model version, with a data set also its baseline. The same version again changes nothing."""
    baseline_id = ""
    with _registering() as deployment:
        from daywatch.registry.names import check_name
        from daywatch.registry.versions import add_version

        check_name("--version", version)
        new = add_version(
            deployment,
            model,
            version,
            description=description,
            artifacts=_pairs("--artifact", artifact),
            created_at=_timestamp(created_at),
            created_by=created_by or getpass.getuser(),
        )
        if dataset is not None:
            from daywatch.stages.build_baseline import build_version_baseline

            baseline_id = build_version_baseline(model, version, dataset, deployment)
    _print_registered(f"version {version} of {model}", new=new)
    if baseline_id:
        out.print(Text(f"{dataset} is its baseline, {baseline_id}"))


@versions_app.command("list")
def versions_list(
    model: OneModelOption = None, namespace: NamespaceOption = None, output: FormatOption = Format.TABLE
) -> None:
    """Show the versions of a model, or of all models in a namespace, oldest first."""
    check_one_choice(model, namespace)
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.registry.versions import list_versions

        found = list_versions(deployment, chosen_models(deployment, model, namespace))
    columns = ("namespace", "model", "version", "created_at", "created_by", "artifacts", "description")
    _print_records(found, columns, output)


@versions_app.command("fetch")
def versions_fetch(
    model: ModelOption,
    version: VersionOption,
    to: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for the file; it is made if it is not there.")
    ] = Path(),
) -> None:
    """Download the file of a version that Daywatch trained, and check that nobody has changed it."""
    with command_deployment() as deployment, progress(f"{version} of {model}: downloading"):
        from daywatch.stages.fetch_version import fetch_version

        to.mkdir(parents=True, exist_ok=True)
        path = fetch_version(model, version, to, deployment)
    out.print(str(path), markup=False)


@deployments_app.command("add")
def deployments_add(
    model: ModelOption,
    version: VersionOption,
    deployment_id: Annotated[str, typer.Option("--id", help="Name of the deployment.")],
    endpoint: Annotated[str, typer.Option(help="Endpoint that the deployment serves.")],
    *,
    env: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE in the service's environment, without secrets. Can be repeated."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="How the version was deployed, such as sagemaker or helm.")
    ] = "manual",
    rollout_strategy: Annotated[
        str, typer.Option(help="How traffic moved to it, such as all_at_once, canary or blue_green.")
    ] = "all_at_once",
    created_at: AtOption = None,
    created_by: ByOption = None,
) -> None:
    """Register a deployment of a registered version. Registering it again changes nothing."""
    with _registering() as deployment:
        from daywatch.registry.deployments import ModelDeployment, add_deployment
        from daywatch.registry.names import check_name

        for what, name in (
            ("--id", deployment_id),
            ("--method", method),
            ("--rollout-strategy", rollout_strategy),
        ):
            check_name(what, name)
        check_name("--endpoint", endpoint, 250)
        new = ModelDeployment(
            model=model,
            deployment_id=deployment_id,
            version=version,
            endpoint=endpoint,
            environment=_pairs("--env", env),
            method=method,
            rollout_strategy=rollout_strategy,
            created_at=_timestamp(created_at),
            created_by=created_by or getpass.getuser(),
        )
        is_new = add_deployment(deployment, new)
    _print_registered(f"deployment {deployment_id} of {model}", new=is_new)


@deployments_app.command("list")
def deployments_list(
    model: OneModelOption = None, namespace: NamespaceOption = None, output: FormatOption = Format.TABLE
) -> None:
    """Show the deployments of a model, or of all models in a namespace, oldest first."""
    check_one_choice(model, namespace)
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.registry.deployments import list_deployments

        found = list_deployments(deployment, chosen_models(deployment, model, namespace))
    columns = ("model", "deployment_id", "version", "endpoint", "method", "rollout_strategy", "environment")
    _print_records(found, (*columns, "created_at", "created_by"), output)


@contextmanager
def _registering() -> Iterator[Deployment]:
    """Yield the deployment; a value that cannot be registered counts as wrong usage."""
    with command_deployment() as deployment, progress("writing to the warehouse"):
        try:
            yield deployment
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None


def _pairs(option: str, texts: Sequence[str] | None) -> dict[str, str]:
    """Split ``NAME=VALUE`` texts; errors do not repeat the value, because it may be a secret."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not name or not sign or not text.isprintable():
            msg = f"{option}: expected NAME=VALUE in printable characters, but received {name[:40]!r}."
            raise ValueError(msg)
        if name in pairs:
            msg = f"{option}: {name} is given twice; keep one of them."
            raise ValueError(msg)
        pairs[name] = value
    return pairs


def _timestamp(text: str | None) -> datetime:
    """Read a timestamp in ISO format; UTC where it names no time zone, now where there is none."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        msg = f"--created-at: expected a timestamp such as 2013-02-09T10:00:00Z, but received {text!r}."
        raise ValueError(msg) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _print_registered(what: str, *, new: bool) -> None:
    """Print whether something was registered now or earlier."""
    out.print(Text(f"{what} registered" if new else f"{what} was already registered; nothing changed"))


def _print_records(found: Sequence[Record], columns: Sequence[str], output: Format) -> None:
    """Print records as a table or as JSON."""
    rows = [one.model_dump(mode="json") for one in found]
    if output is Format.JSON:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*(Text(_cell(row[name])) for name in columns))
    # Never wrapped or cut: people copy the addresses.
    Console(highlight=False, width=_ANY_WIDTH).print(table)


def _cell(value: object) -> str:
    return (
        ", ".join(f"{name}={one}" for name, one in value.items()) if isinstance(value, dict) else str(value)
    )
