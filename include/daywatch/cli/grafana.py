"""The command ``daywatch grafana export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daywatch.cli.console import out

grafana_app = typer.Typer(no_args_is_help=True, help="Dashboards of the warehouse for Grafana.")


@grafana_app.callback()
def _grafana() -> None:
    """Dashboards of the warehouse for Grafana."""


@grafana_app.command("export")
def grafana_export(
    folder: Annotated[Path, typer.Option("--to", help="Folder for the files; those of before are replaced.")],
    seen: Annotated[
        str,
        typer.Option("--dashboards-path", help="Folder in which Grafana sees the dashboards."),
    ] = "/var/lib/grafana/dashboards/daywatch",
) -> None:
    """Write the files from which Grafana provisions itself: a data source and three dashboards."""
    from daywatch.grafana.files import grafana_files

    for name, content in grafana_files(seen).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        out.print(str(path), soft_wrap=True, highlight=False)
