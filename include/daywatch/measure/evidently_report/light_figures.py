"""Plotly's figures drawn without what is the same in each of them.

A figure carries its template, 8 kB that are copied whenever it is touched, and looks each property up by a path
that is taken apart anew. Here it carries a mark instead, for which the template is put in at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

MARK = {"layout": {"meta": "daywatch"}}
"""Stands for the template in what was drawn."""


@contextmanager
def light_figures() -> Iterator[None]:
    """Let figures carry the mark, until the context is left.

    Plotly's template and its function are replaced for the whole process: one thread at a time may do so.
    """
    from plotly import basedatatypes, io
    from plotly.graph_objs.layout import Template

    template, taken_apart = io.templates.default, basedatatypes._str_to_dict_path_full
    io.templates["daywatch"] = Template(MARK)
    io.templates.default = "daywatch"
    basedatatypes._str_to_dict_path_full = cache(taken_apart)
    try:
        yield
    finally:
        basedatatypes._str_to_dict_path_full = taken_apart
        io.templates.default = template


def usual_template() -> Any:
    """Return the template that figures carry outside of the context, as JSON has it."""
    from plotly import io

    return json.loads(json.dumps(io.templates[io.templates.default].to_plotly_json()))
