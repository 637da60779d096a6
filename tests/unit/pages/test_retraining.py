"""The page of a model's retraining."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

from daywatch.config.deployment.deployment import Deployment
from daywatch.results import State
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.window import Window
from judgements import Judged, store
from models import NAME
from starlette.testclient import TestClient

HOSTILE = "<script>alert(1)</script>"
AT = datetime(2024, 3, 6, tzinfo=UTC)


def test_decisions_have_their_reasons_and_versions_their_metrics(
    client: TestClient, deployment: Deployment
) -> None:
    old, new = (Judged("2024-03-05", State.RED, model=NAME, edition=edition) for edition in ("old", ""))
    store(deployment, old, new)
    window = Window.of_day("2024-03-05")
    key = {"model": NAME, "window_start": window.start, "window_end": window.end}
    decision = {
        **key,
        "trigger": "verdict",
        "decided_by": "",
        "run_id": "",
        "conditions": [
            {"name": "labels", "met": True, "reason": "99 % of the labels are there"},
            {"name": "cooldown", "met": False, "reason": HOSTILE},
        ],
    }
    version = {
        "model": NAME,
        "description": HOSTILE,
        "artifacts": {},
        "created_at": AT,
        "created_by": "ada",
    }
    deployed = {"model": NAME, "deployment_id": "d", "endpoint": "e", "environment": {}, "method": "api"}
    with transaction(deployment.warehouse_url) as connection:
        for revision, answer, reason in (
            (old.revision, "no", "an older revision"),
            (new.revision, "no", "cooldown is not over"),
        ):
            row = {**decision, "revision": revision, "decision": answer, "reason": reason}
            connection.execute(tables.retraining.insert(), row)
        for name, auc in (("1", 0.8), ("2", 0.9)):
            connection.execute(
                tables.model_version.insert(), {**version, "version": name, "metrics": {"roc_auc": auc}}
            )
        connection.execute(
            tables.deployment.insert(),
            {**deployed, "version": "1", "rollout_strategy": "x", "created_at": AT, "created_by": "ada"},
        )

    page = client.get(f"/daywatch/{NAME}/retraining").text
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())

    assert "1 champion, deployed 2024-03-06 00:00 UTC ada 0.800" in words
    assert "2 challenger 2024-03-06 00:00 UTC ada 0.900" in words
    assert "2024-03-05 no verdict cooldown is not over 2 conditions ✓ labels: 99 %" in words
    assert "✕ cooldown: <script>" in words
    assert "an older revision" not in words
    assert "<script>alert" not in page
