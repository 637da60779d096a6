"""An example of a gate: publish yesterday's predictions of `flights` only if its verdict is good enough."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import Param, dag, task
from daywatch.orchestration.gate import require_verdict
from daywatch.orchestration.task import owned_by

DOC = """
### Publishes the predictions of a day, if the model was good enough on it

**Owner** flight-operations

An example of a DAG of yours behind a gate: `require_verdict_flights` waits up to six hours for the verdict of
`monitor__flights` on the day, and fails with the reasons if it is RED, or GREY: then nobody knows how good the model
was. Start it by hand with a day.

**When it is red**, the log of `require_verdict_flights` has the verdict and its reasons, or says that there is no
verdict yet: see the mail of that day. Clear the task once the day was judged again.
"""


@task
def publish(verdict: dict[str, object]) -> None:
    print(f"The predictions of {verdict['window']} may be used: {verdict['state']}.")


@dag(
    schedule=None,
    start_date=datetime(2013, 2, 1, tzinfo=UTC),
    catchup=False,
    default_args=owned_by("flight-operations"),
    params={"day": Param(type="string", format="date", description="The day, such as 2013-02-09.")},
    tags=["example", "owner:flight-operations", "model:flights", "tier:1"],
    doc_md=DOC,
)
def publish_flights() -> None:
    gate = require_verdict("flights", not_worse_than="AMBER", window="{{ params.day }}")
    gate >> publish(gate.output)


publish_flights()
