"""The panels of the three dashboards: a title, a kind and a query on the warehouse's views, PostgreSQL's SQL.

``$__timeFilter`` is Grafana's macro for the time range; ``${namespace:sqlstring}`` and ``${model:sqlstring}`` are
what the reader chose, quoted by Grafana.
"""

from __future__ import annotations

from dataclasses import dataclass

_STATE_RANK = "CASE state WHEN 'GREEN' THEN 0 WHEN 'GREY' THEN 1 WHEN 'AMBER' THEN 2 ELSE 3 END"
_NEWEST = """(SELECT DISTINCT ON (model) * FROM current_verdict
      WHERE slice = '' AND namespace IN (${namespace:sqlstring}) ORDER BY model, window_start DESC) AS newest"""


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes:
        title: Its title.
        kind: Grafana's type of the panel: ``timeseries``, ``table``, ``stat``, ``state-timeline``.
        sql: Its query.
        width: Its width, of 24.
        is_time_series: Whether the query gives ``time``, ``metric`` and ``value``.
        unit: Grafana's unit of the values.
        states: Whether the values are ranks of states, shown as words and colours.
    """

    title: str
    kind: str
    sql: str
    width: int = 12
    is_time_series: bool = False
    unit: str = "short"
    states: bool = False


@dataclass(frozen=True)
class Variable:
    """What a reader of a dashboard chooses.

    Attributes:
        name: Its name.
        sql: The query for the choices.
        many: Whether several may be chosen, all at first.
    """

    name: str
    sql: str
    many: bool


@dataclass(frozen=True)
class Dashboard:
    """A dashboard.

    Attributes:
        uid: Its fixed uid, for links.
        title: Its title.
        variables: What a reader chooses.
        panels: Its panels, from left to right and from top to bottom.
    """

    uid: str
    title: str
    variables: tuple[Variable, ...]
    panels: tuple[Panel, ...]


_NAMESPACES = Variable("namespace", "SELECT DISTINCT namespace FROM model ORDER BY namespace", many=True)
_MODELS = Variable("model", "SELECT model FROM model ORDER BY model", many=False)

FLEET = Dashboard(
    "daywatch-fleet",
    "Daywatch fleet",
    (_NAMESPACES,),
    (
        Panel(
            "Models by newest verdict",
            "stat",
            f"SELECT state AS metric, count(*) AS value FROM {_NEWEST} GROUP BY state ORDER BY state",
            8,
        ),
        Panel(
            "Open incidents",
            "table",
            f"""SELECT model, state, sentence, first_window, windows, acknowledged_by FROM open_incident
WHERE namespace IN (${{namespace:sqlstring}}) ORDER BY {_STATE_RANK} DESC, first_window LIMIT 200""",
            16,
        ),
        Panel(
            "Verdicts by day",
            "state-timeline",
            f"""SELECT window_start AS time, model AS metric, {_STATE_RANK} AS value FROM current_verdict
WHERE slice = '' AND namespace IN (${{namespace:sqlstring}}) AND $__timeFilter(window_start) ORDER BY time, metric""",
            24,
            is_time_series=True,
            states=True,
        ),
        Panel(
            "Newest verdicts",
            "table",
            f"""SELECT model, namespace, state, short, window_start, rows, labelled FROM {_NEWEST}
ORDER BY {_STATE_RANK} DESC, model LIMIT 1000""",
            24,
        ),
    ),
)

_OF_MODEL = "model = ${model:sqlstring} AND $__timeFilter(window_start)"

MODEL = Dashboard(
    "daywatch-model",
    "Daywatch model",
    (_MODELS,),
    (
        Panel(
            "Verdict",
            "state-timeline",
            f"""SELECT window_start AS time, 'verdict' AS metric, {_STATE_RANK} AS value FROM current_verdict
WHERE slice = '' AND {_OF_MODEL} ORDER BY time""",
            24,
            is_time_series=True,
            states=True,
        ),
        Panel(
            "Performance",
            "timeseries",
            f"""SELECT window_start AS time, metric, value FROM performance_by_day
WHERE slice = '' AND column_name = '' AND class_name = '' AND {_OF_MODEL} ORDER BY time, metric""",
            is_time_series=True,
        ),
        Panel(
            "Drift score by column",
            "timeseries",
            f"""SELECT window_start AS time, column_name AS metric, value FROM drift_by_day
WHERE metric = 'drift_score' AND slice = '' AND {_OF_MODEL} ORDER BY time, metric""",
            is_time_series=True,
        ),
        Panel(
            "Rows and labels",
            "timeseries",
            f"""SELECT window_start AS time, 'rows' AS metric, rows AS value FROM current_verdict
WHERE slice = '' AND {_OF_MODEL}
UNION ALL SELECT window_start, 'labelled', labelled FROM current_verdict WHERE slice = '' AND {_OF_MODEL}
ORDER BY time, metric""",
            is_time_series=True,
        ),
        Panel(
            "Causes",
            "table",
            f"""SELECT window_start, rank, state, kind, name, column_name, sentence FROM current_cause
WHERE {_OF_MODEL} ORDER BY window_start DESC, rank LIMIT 200""",
        ),
    ),
)

OPERATIONS = Dashboard(
    "daywatch-operations",
    "Daywatch operations",
    (_NAMESPACES,),
    (
        Panel(
            "Age of the newest window",
            "table",
            """SELECT model.model, max(window_end) AS judged_until, now() - max(window_end) AS age
FROM model LEFT JOIN current_window ON current_window.model = model.model
WHERE namespace IN (${namespace:sqlstring}) GROUP BY model.model ORDER BY age DESC NULLS FIRST LIMIT 1000""",
        ),
        Panel(
            "Share of records quarantined",
            "timeseries",
            """SELECT window_start AS time, current_window.model AS metric, 1.0 * quarantined / records AS value
FROM current_window JOIN model ON model.model = current_window.model
WHERE records > 0 AND namespace IN (${namespace:sqlstring}) AND $__timeFilter(window_start) ORDER BY time, metric""",
            is_time_series=True,
            unit="percentunit",
        ),
        Panel(
            "Seconds of a day by stage",
            "timeseries",
            """SELECT window_start AS time, stage AS metric, avg(seconds) AS value
FROM stage_run JOIN model ON model.model = stage_run.model
WHERE namespace IN (${namespace:sqlstring}) AND $__timeFilter(window_start) GROUP BY 1, 2 ORDER BY 1, 2""",
            is_time_series=True,
            unit="s",
        ),
        Panel(
            "Labels arrived, by days after the window",
            "timeseries",
            """SELECT window_start AS time, 'day ' || age_days AS metric, avg(share) AS value
FROM label_curve JOIN model ON model.model = label_curve.model
WHERE namespace IN (${namespace:sqlstring}) AND $__timeFilter(window_start) GROUP BY 1, 2 ORDER BY 1, 2""",
            is_time_series=True,
            unit="percentunit",
        ),
    ),
)

DASHBOARDS = (FLEET, MODEL, OPERATIONS)
