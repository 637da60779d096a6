"""The commands ``daywatch plan``: the plan as people read it, and what another plan would have said."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from daywatch.cli.console import STATE_STYLE, out, progress
from daywatch.cli.exit_codes import command_deployment
from daywatch.cli.options import ModelOption
from daywatch.results import State
from daywatch.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daywatch.review.changes import Replay

_MOST = 3660


class PlanFormat(StrEnum):
    """The form in which plans and replays are printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


PlanFormatOption = Annotated[
    PlanFormat,
    typer.Option("--format", help="A table for people, Markdown for a pull request, or JSON for programs."),
]

plan_app = typer.Typer(no_args_is_help=True, help="Show a model's plan, and try another one on history.")


@plan_app.command("show")
def plan_show(model: ModelOption, output: PlanFormatOption = PlanFormat.TABLE) -> None:
    """Show a model's plan: what is judged, from where on it is AMBER and RED, and what is done then."""
    with command_deployment() as deployment:
        from daywatch.config.loading.load import find_model
        from daywatch.review.plan_table import (
            ACTION_HEADINGS,
            RULE_HEADINGS,
            action_rows,
            plan_markdown,
            plan_sentences,
            rule_rows,
        )

        plan = find_model(model, deployment.models).plan
    rules, actions, sentences = rule_rows(plan), action_rows(plan), plan_sentences(plan)
    if output is PlanFormat.JSON:
        content = {
            "rules": [dict(zip(RULE_HEADINGS, row, strict=True)) for row in rules],
            "actions": [dict(zip(ACTION_HEADINGS, row, strict=True)) for row in actions],
            "notes": sentences,
        }
        sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    elif output is PlanFormat.MARKDOWN:
        sys.stdout.write(plan_markdown(plan))
    else:
        _print_table(RULE_HEADINGS, rules)
        out.print()
        _print_table(ACTION_HEADINGS, actions)
        out.print()
        for sentence in sentences:
            out.print(Text(sentence))


@plan_app.command("replay")
def plan_replay(
    model: ModelOption,
    plan: Annotated[
        Path, typer.Option(help="YAML with the section plan, such as the model's file with other rules.")
    ],
    last: Annotated[
        int, typer.Option(help="How many of the latest judged windows to judge again.", min=1, max=_MOST)
    ] = 90,
    output: PlanFormatOption = PlanFormat.TABLE,
) -> None:
    """Judge stored history again by another plan, and show what changes. Writes nothing and reads no captures."""
    with command_deployment() as deployment, progress(f"{model}: replay"):
        from daywatch.config.loading.load import model_with_plan
        from daywatch.review.replay import replay
        from daywatch.review.words import replay_markdown

        found = replay(model_with_plan(model, deployment.models, plan), last, deployment)
    if output is PlanFormat.JSON:
        sys.stdout.write(_as_json(found))
    elif output is PlanFormat.MARKDOWN:
        sys.stdout.write(replay_markdown(found))
    else:
        _print(found)


def _as_json(found: Replay) -> str:
    before, after = found.mails
    content = {
        **found.model_dump(mode="json"),
        "moves": [
            {"was": was, "becomes": becomes, "windows": number}
            for (was, becomes), number in found.moves.items()
        ],
        "lacking": found.lacking,
        "mails": {"was": before, "becomes": after},
    }
    return json.dumps(content, indent=2) + "\n"


def _print(found: Replay) -> None:
    from daywatch.review.words import HEADINGS, replay_rows, replay_sentences

    for sentence in replay_sentences(found):
        out.print(Text(sentence))
    if rows := replay_rows(found):
        out.print()
        _print_table(HEADINGS, rows)


def _print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table: in a terminal its cells are as wide as they fit, elsewhere each row is one line."""
    out.print(_table(headings, rows), soft_wrap=not out.is_terminal)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(*headings, box=None)
    for row in rows:
        table.add_row(*(Text(shown(cell, 200), style=_style(cell)) for cell in row))
    return table


def _style(cell: str) -> str:
    return STATE_STYLE[State(cell)] if cell in set(State) else ""
