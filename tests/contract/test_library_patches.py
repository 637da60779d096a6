"""What the patches rely on in Evidently and Plotly, and that Daywatch does without where it is gone."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.drift_methods import ColumnKind
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.tables import Side
from daywatch.measure.drift.scoring import Score
from daywatch.measure.evidently_report.drift_section import DriftPlots, plot_drift
from daywatch.measure.evidently_report.page import PLACES, page_shell
from daywatch.measure.evidently_report.patches import PATCHES, Patch, patched
from measured_files import make_model

ROOT = Path(__file__).parents[2]
REMEMBERED = [patch for patch in PATCHES if patch.attribute.startswith(("get_", "plot_", "make_"))]


def unfit(name: str) -> dict[str, tuple[dict[str, Any], str]]:
    """Return changes by which a patch does not fit, under that name, and the reason that it gives."""
    return {
        "another version": ({"tested_with": {"evidently": (name,)}}, f"it was tested with {name}"),
        "no such attribute": ({"attribute": name}, f"has no {name}"),
        "no such module": ({"owners": (f"evidently.{name}",)}, f"evidently.{name} has no"),
    }


COLUMNS = [
    Column("x", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE),
    Column("y", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE),
    Column("c", ColumnKind.CATEGORICAL, "VARCHAR", Role.FEATURE),
    Column("probability", ColumnKind.NUMERIC, "DOUBLE", Role.PROBABILITY),
]


def plots(*patches: Patch) -> DriftPlots:
    """Return the drift section of two small frames, plotted with these patches."""
    random = np.random.default_rng(5)
    frames = {
        side: pd.DataFrame(
            {
                one.name: random.normal(0, 1, 80)
                if one.kind is ColumnKind.NUMERIC
                else random.choice(["a", "b"], 80)
                for one in COLUMNS
            }
        )
        for side in Side
    }
    scores = [Score(one, 0.2, 0.1, "psi", "PSI", drifted=True) for one in COLUMNS]
    model = make_model({"x": "number", "y": "number", "c": "category"})
    return plot_drift(scores, frames, model, datetime(2013, 2, 9, tzinfo=UTC), patches)


def attributes(patch: Patch) -> list[Any]:
    return [getattr(resolve_name(owner), patch.attribute) for owner in patch.owners]


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.attribute)
def test_a_patch_applies_with_the_pinned_versions(patch: Patch) -> None:
    pinned = dict(re.findall(r"^([a-z-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert all(pinned[library] in versions for library, versions in patch.tested_with.items())
    assert patch.reason_to_leave_out() == ""
    before = attributes(patch)
    with patched([patch]):
        assert all(now is not then for now, then in zip(attributes(patch), before, strict=True))
    assert attributes(patch) == before


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.attribute)
def test_a_patch_says_why_it_is_there(patch: Patch) -> None:
    assert patch.why.endswith(".")
    assert patch.saves.endswith(".")


@pytest.mark.parametrize("patch", REMEMBERED, ids=lambda patch: patch.attribute)
def test_evidently_calls_what_is_remembered_more_often_than_it_is_computed(patch: Patch) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str, function: Any) -> Any:
        def counting(**arguments: Any) -> Any:
            calls[name] += 1
            return function(**arguments)

        return counting

    @contextmanager
    def by(original: Any) -> Iterator[Any]:
        made: AbstractContextManager[Any] = patch.by(counted("computed", original))
        with made as replacement:
            yield counted("requested", replacement)

    plots(replace(patch, by=by))
    assert calls["requested"] > calls["computed"] > 0


@pytest.mark.parametrize(("changes", "reason"), unfit("gone").values(), ids=unfit("gone"))
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.attribute)
def test_a_patch_that_does_not_fit_is_left_out(patch: Patch, changes: dict[str, Any], reason: str) -> None:
    before = attributes(patch)
    changed = replace(patch, **changes)
    assert reason in changed.reason_to_leave_out()
    with patched([changed]):
        assert attributes(patch) == before


@pytest.mark.parametrize(("changes", "reason"), unfit("lost").values(), ids=unfit("lost"))
def test_a_patch_that_does_not_fit_gives_one_warning(
    changes: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    changed = replace(PATCHES[0], **changes, by=lambda _: pytest.fail("applied"))
    with caplog.at_level(logging.WARNING, "daywatch"):
        for _ in range(3):
            plots(changed)
    (record,) = [one for one in caplog.records if reason in one.message]
    assert record.message.startswith(f"Evidently's report is made without the patch of {changed.attribute}: ")


def test_another_version_gives_one_warning_for_all_patches(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "daywatch"):
        plots(*(replace(patch, tested_with={"evidently": ("next",)}) for patch in PATCHES))
    (record,) = [one for one in caplog.records if "it was tested with next" in one.message]
    assert all(patch.attribute in record.message for patch in PATCHES)


def test_the_plots_are_the_same_with_each_patch_alone() -> None:
    from daywatch.measure.evidently_report.snapshot import join_documents

    documents = [plots(*some).document for some in ((), *([patch] for patch in PATCHES))]
    joined = [join_documents([document]) for document in documents if document]
    assert len(joined) == len(PATCHES) + 1
    assert all(document == joined[0] for document in joined)


@pytest.mark.parametrize("place", PLACES)
def test_evidentlys_page_has_the_places_that_text_is_put_in(place: str) -> None:
    assert page_shell().count(place) == 1
