"""The metrics of windows before, as the warehouse has them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from daywatch.measure.service.metric_history import MetricKey
from daywatch.results import State
from daywatch.warehouse.database import transaction
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.past_metrics import metric_histories
from daywatch.warehouse.record import record_window
from daywatch.window import Window
from judgements import Judged, store
from models import local_deployment
from recorded import make_results


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    deployment = local_deployment(Path(tmp_path_factory.mktemp("past")))
    upgrade(deployment.warehouse_url)
    days = [Judged(f"2024-03-{day:02}", State.GREEN, auc=day / 10) for day in range(1, 8)]
    store(deployment, *days, Judged("2024-03-06", State.RED, auc=0.1, edition="late labels"))
    with transaction(deployment.warehouse_url) as connection:
        record_window(connection, make_results("r1", "2024-03-04"))
    return deployment.warehouse_url


def test_the_newest_revisions_before_the_window(url: str) -> None:
    key = MetricKey("roc_auc", "", "", "")
    with transaction(url) as connection:
        (found,) = metric_histories(
            connection,
            "flights",
            Window.of_day("2024-03-07"),
            {key: (date(2024, 3, 3), date(2024, 3, 31))},
        )
        nothing = metric_histories(connection, "flights", Window.of_day("2024-03-07"), {})

    assert nothing == ()
    assert found.key == key
    assert [(one.window, one.value) for one in found.windows] == [
        ("2024-03-06", 0.1),
        ("2024-03-05", 0.5),
        ("2024-03-04", 0.4),
        ("2024-03-03", 0.3),
    ]


def test_metrics_of_values_come_from_stored_profiles(url: str) -> None:
    results = make_results("r1", "2024-03-04")
    amount = results.profile.column("amount")
    assert amount is not None
    with transaction(url) as connection:
        (found,) = metric_histories(
            connection,
            results.model.model,
            Window.of_day("2024-03-05"),
            {MetricKey("max", "amount", "", ""): (date(2024, 3, 1), date(2024, 3, 31))},
        )

    assert [(one.window, one.value) for one in found.windows] == [("2024-03-04", amount.max)]
