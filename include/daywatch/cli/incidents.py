"""The commands ``daywatch incidents``: what is wrong, since when, and what people do about it."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from daywatch.cli.console import STATE_STYLE, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import (
    Format,
    FormatOption,
    NamespaceOption,
    OneModelOption,
    chosen_models,
)
from daywatch.text import visible
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.incidents.listing import TimelineEvent
    from daywatch.incidents.types import EventKind, StoredIncident

incidents_app = typer.Typer(
    no_args_is_help=True,
    help="Show incidents, and acknowledge, snooze, comment or close one, for all models that share it.",
)

IdArgument = Annotated[
    str, typer.Argument(help="The incident's id, such as 3f9a12c4d0b1-2013-02-09.", metavar="INCIDENT")
]
ByOption = Annotated[str | None, typer.Option("--by", help="Who does it; your login name by default.")]
NoteOption = Annotated[str, typer.Option("--note", help="What you have to say, in a sentence or two.")]


@incidents_app.command("list")
def incidents_list(
    model: OneModelOption = None,
    namespace: NamespaceOption = None,
    *,
    closed: Annotated[bool, typer.Option("--closed", help="List closed incidents too.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show the open incidents, the worst first; of all models where none is named."""
    if model is not None and namespace is not None:
        msg = "Expected --model or --namespace, not both."
        raise typer.BadParameter(msg, param_hint="--model")
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.incidents.listing import list_incidents
        from daywatch.warehouse.database import transaction

        some = frozenset(chosen_models(deployment, model, namespace)) if model or namespace else None
        with transaction(deployment.warehouse_url) as connection:
            found = list_incidents(connection, models=some, closed=closed)
    if output is Format.JSON:
        _print_json([one.model_dump(mode="json") for one in found])
        return
    columns = ("state", "models", "since", "days", "acknowledged", "cause")
    table = Table(Column("id", no_wrap=True), *columns, box=None)
    for one in found:
        table.add_row(*(part if isinstance(part, Text) else Text(part) for part in _cells(one)))
    out.print(table)


@incidents_app.command("show")
def incidents_show(incident: IdArgument, output: FormatOption = Format.TABLE) -> None:
    """Show an incident and its timeline: what verdicts did, and what people did."""
    with command_deployment() as deployment, progress("reading the warehouse"):
        from daywatch.incidents.listing import find_incident, timeline
        from daywatch.warehouse.database import transaction

        with transaction(deployment.warehouse_url) as connection:
            found = find_incident(connection, incident)
            events = timeline(connection, found)
    if output is Format.JSON:
        listed = [event.model_dump(mode="json") for event in events]
        _print_json({**found.model_dump(mode="json"), "timeline": listed})
        return
    _print_incident(found, events)


@incidents_app.command("ack")
def incidents_ack(incident: IdArgument, by: ByOption = None, note: NoteOption = "") -> None:
    """Acknowledge an incident: pages and digest name you as the one who looks after it."""
    _act(incident, "acknowledged", by, note)


@incidents_app.command("snooze")
def incidents_snooze(
    incident: IdArgument,
    until: Annotated[str, typer.Option("--until", help="The last quiet day, such as 2026-12-24.")],
    by: ByOption = None,
    note: NoteOption = "",
) -> None:
    """Stop the mails about an incident up to and including a day, unless it worsens."""
    _act(incident, "snoozed", by, note, _end_of(until))


def _end_of(until: str) -> datetime:
    """Return the end of the last quiet day.

    Raises:
        typer.BadParameter: The text is not a day.
    """
    try:
        return Window.of_day(until).end
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from None


@incidents_app.command("comment")
def incidents_comment(
    incident: IdArgument,
    note: Annotated[str, typer.Option("--note", help="The comment, in a sentence or two.")],
    by: ByOption = None,
) -> None:
    """Add a comment to an incident's timeline."""
    _act(incident, "commented", by, note)


@incidents_app.command("close")
def incidents_close(incident: IdArgument, by: ByOption = None, note: NoteOption = "") -> None:
    """Close an incident. The next window that still has its cause opens it again."""
    _act(incident, "closed_by_hand", by, note)


def _act(incident: str, kind: str, by: str | None, note: str, until: datetime | None = None) -> None:
    """Store what the user does, and print what the incident is then."""
    with command_deployment() as deployment, progress("writing to the warehouse"):
        from daywatch.incidents.acts import Doing, act_on
        from daywatch.incidents.types import EventKind

        chosen: EventKind = EventKind(kind)
        doing = Doing(
            kind=chosen, author=by or getpass.getuser(), at=datetime.now(UTC), note=note, until=until
        )
        found = act_on(deployment, incident, doing)
    out.print(Text(f"{kind.replace('_', ' ')}: {_line(found)}"))


def _line(found: StoredIncident) -> str:
    """Return an incident in a line."""
    state = str(found.state) if found.is_open else "closed"
    since = f"{', '.join(found.models)} since {found.first_key}"
    return f"{found.incident_id} {state} {since}: {visible(found.sentence)}"


def _cells(found: StoredIncident) -> tuple[str | Text, ...]:
    state = Text(found.state, style=STATE_STYLE[found.state]) if found.is_open else Text("closed")
    cause = visible(found.sentence)
    return (
        found.incident_id,
        state,
        ", ".join(found.models),
        found.first_key,
        str(found.windows),
        visible(found.acknowledged_by) or "nobody",
        f"{cause} (follows from {found.parent_id})" if found.parent_id else cause,
    )


def _print_incident(found: StoredIncident, events: list[TimelineEvent]) -> None:
    out.print(Text(_line(found)))
    days = f"{found.windows} bad {'day' if found.windows == 1 else 'days'}, the last {found.last_key}"
    out.print(Text(f"{days}; acknowledged by {visible(found.acknowledged_by) or 'nobody'}"))
    if found.snoozed_until:
        out.print(Text(f"snoozed until {found.snoozed_until:%Y-%m-%d %H:%M} UTC"))
    if found.parent_id:
        out.print(Text(f"follows from {found.parent_id}"))
    table = Table("window", "event", "who", "state", "what", box=None)
    for event in events:
        who = event.author or event.model
        until = f"until {event.until:%Y-%m-%d %H:%M}" if event.until else ""
        what = " ".join(part for part in (until, visible(event.note or event.sentence)) if part)
        shown = (event.window, event.kind.replace("_", " "), visible(who), event.state or "", what)
        table.add_row(*(Text(part) for part in shown))
    out.print(table)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
