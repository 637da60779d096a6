"""A replay in words: sentences, a table, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from daywatch.formatting import plural
from daywatch.text import shown

if TYPE_CHECKING:
    from daywatch.review.changes import Replay

HEADINGS = ("window", "was", "becomes", "alerts added", "alerts removed", "reason")

_NAMED = 4
_REASON = 120


def replay_sentences(replay: Replay) -> tuple[str, ...]:
    """Return what changes, a sentence each.

    Args:
        replay: The windows judged again.
    """
    first, last = replay.windows[0].window, replay.windows[-1].window
    moved = sum(replay.moves.values())
    moves = ", ".join(f"{number} {was} to {becomes}" for (was, becomes), number in replay.moves.items())
    added, removed = (sum(len(getattr(one, side)) for one in replay.windows) for side in ("added", "removed"))
    before, after = replay.mails
    return (
        f"{plural(len(replay.windows), 'window')} judged again, {first} to {last}",
        f"{plural(moved, 'window')} {'changes' if moved == 1 else 'change'} state{f': {moves}' if moves else ''}",
        f"{plural(added, 'alert')} added, {removed} removed",
        f"mails on RED and on a change of state: {before} before, {after} by this plan",
        *(
            f"GREY in {plural(number, 'window')}, because history does not hold it: {shown(name)}"
            for name, number in replay.lacking.items()
        ),
    )


def replay_rows(replay: Replay) -> list[tuple[str, ...]]:
    """Return a row for each window that changes, in the order of ``HEADINGS``.

    Args:
        replay: The windows judged again.
    """
    return [
        (
            one.window,
            one.was,
            one.becomes,
            _listed(one.added),
            _listed(one.removed),
            shown(one.short, _REASON),
        )
        for one in replay.changed
    ]


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in GitHub's Markdown in which no cell is read as Markdown or HTML, or calls anybody.

    Args:
        headings: The headings.
        rows: The cells of each row.
    """
    lines = [f"| {' | '.join(headings)} |", f"| {' | '.join('---' for _ in headings)} |"]
    lines += [f"| {' | '.join(as_code(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def as_code(text: str) -> str:
    """Return captured text as code, in which Markdown and HTML have no meaning; empty text stays empty."""
    harmless = shown(text, 400).replace("`", "'").replace("|", "\\|")
    return f"`{harmless}`" if harmless else ""


def replay_markdown(replay: Replay) -> str:
    """Return a replay for a pull request.

    Args:
        replay: The windows judged again.
    """
    lines = [f"### The plan of `{replay.model}`, tried on history\n"]
    lines += [f"- {_plain(sentence)}" for sentence in replay_sentences(replay)]
    if rows := replay_rows(replay):
        lines.append("\n" + markdown_table(HEADINGS, rows).rstrip())
    return "\n".join(lines) + "\n"


def _plain(sentence: str) -> str:
    """Return a sentence whose captured end, a rule's target, is code."""
    words, colon, captured = sentence.partition("history does not hold it: ")
    return f"{words}{colon}{as_code(captured)}" if colon else sentence


def _listed(alerts: tuple[str, ...]) -> str:
    listed = ", ".join(shown(one) for one in alerts[:_NAMED])
    more = len(alerts) - _NAMED
    return f"{listed} and {more} more" if more > 0 else listed
