"""The links of a report: where a reader finds details."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from daywatch.report.content import Link

if TYPE_CHECKING:
    from daywatch.run import WindowRun


def window_links(
    run: WindowRun, airflow_url: str, evidently_address: str, incident: str = ""
) -> tuple[Link, ...]:
    """Return the links of a window: to pages in Airflow where its address is known, else to the storage.

    Args:
        run: The window's run.
        airflow_url: Address of Airflow, empty where it is not known.
        evidently_address: Address of Evidently's report in the storage.
        incident: Id of the window's worst open incident, empty for none.
    """
    if not airflow_url:
        return (Link(title="Evidently's full report", url=evidently_address),)
    page = f"{airflow_url}/daywatch/{quote(run.model)}/{quote(run.window.key)}/{quote(run.revision)}"
    page_of_incident = f"{incident_page(airflow_url)}{incident}"
    acknowledge = (Link(title="Acknowledge the incident", url=page_of_incident),) if incident else ()
    return (
        *acknowledge,
        Link(title="Evidently's full report", url=f"{page}/evidently.html"),
        Link(title="This report as a page", url=f"{page}/report.html"),
        Link(title="Runs in Airflow", url=f"{airflow_url}/dags/monitor__{quote(run.model)}"),
    )


def incident_page(airflow_url: str) -> str:
    """Return the address of the pages of incidents, to which an id is added; empty where Airflow's is not known.

    Args:
        airflow_url: Address of Airflow, empty where it is not known.
    """
    return f"{airflow_url}/daywatch/-/incidents/" if airflow_url else ""
