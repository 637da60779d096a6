"""The squares of the fleet: a verdict as a sign in its colour, with its words for whoever cannot see it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from daywatch.results import State
from daywatch.text import visible

if TYPE_CHECKING:
    from daywatch.warehouse.overview import WindowState

_SIGNS = {State.GREEN: "✓", State.AMBER: "!", State.RED: "✕", State.GREY: "?"}
_SQUARE = Markup('<a class="square {}" href="{}/{}/{}" aria-label="{}" title="{}">{}</a>')


@lru_cache(20_000)  # a fleet has thousands of squares, which are the same for every reader and seldom change
def square(root: str, model: str, window: WindowState) -> Markup:
    """Return a square that opens the page of its window.

    Args:
        root: Address at which the application is mounted.
        model: Name of the model.
        window: The window and its verdict.
    """
    label = f"{window.window} {window.state}"
    if window.short and window.state is not State.GREEN:
        label = visible(f"{label}: {window.short}")
    return _SQUARE.format(window.state, root, model, window.window, label, label, _SIGNS[window.state])
