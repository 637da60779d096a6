"""Small inputs as people's own systems write them, and what the command line says about them."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

BASELINE = ("2024-03-01", "2024-03-02", "2024-03-03")
DAY = "2024-03-04"
DAYS = (*BASELINE, DAY)

REGRESSION = {"task": "regression", "response": ["prediction"]}
BINARY = {"task": "binary_classification", "response": ["prediction"]}
SCORED = {"task": "binary_classification", "response": ["prediction", "probability"]}
TABLE = {"source": "table", "prefix": "table", "id_column": "id"}

_ACTION = {"do": "Look.", "who": "me", "within_hours": 24}


def dice(seed: int) -> random.Random:
    """Return seeded random numbers."""
    return random.Random(seed)  # noqa: S311 - test data


@dataclass(frozen=True)
class Payload:
    """A request or an answer as SageMaker captures it."""

    data: str
    content_type: str = "text/csv"
    encoding: str = "CSV"


def as_json(value: Any) -> Payload:
    """Return a payload that SageMaker captures as JSON."""
    return Payload(json.dumps(value), "application/json", "JSON")


def as_base64(text: str, content_type: str) -> Payload:
    """Return a payload of a content type that the capture configuration does not name."""
    return Payload(base64.b64encode(text.encode()).decode(), content_type, "BASE64")


def capture(event: str, day: str, request: Payload | str, response: Payload | str, hour: int = 10) -> str:
    """Return a line of real-time capture; a text is a payload of CSV."""
    sides = {"endpointInput": request, "endpointOutput": response}
    data = {}
    for name, side in sides.items():
        one = Payload(side) if isinstance(side, str) else side
        mode = "INPUT" if name == "endpointInput" else "OUTPUT"
        data[name] = {
            "observedContentType": one.content_type,
            "mode": mode,
            "data": one.data,
            "encoding": one.encoding,
        }
    meta = {"eventId": event, "inferenceTime": f"{day}T{hour:02}:15:00Z"}
    return json.dumps({"captureData": data, "eventMetadata": meta, "eventVersion": "0"}, ensure_ascii=False)


def truth(event: str, data: str, encoding: str = "CSV") -> str:
    """Return a line of ground truth."""
    label = {"data": data, "encoding": encoding}
    return json.dumps({"groundTruthData": label, "eventMetadata": {"eventId": event}, "eventVersion": "0"})


@dataclass(frozen=True)
class Case:
    """The folder of one case.

    Attributes:
        folder: Holds data, models, artifacts and the warehouse.
    """

    folder: Path

    def put(self, path: str, content: str | bytes) -> None:
        """Write an object below the data URI."""
        target = self.folder / "data" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def captures(self, day: str, lines: Iterable[str]) -> None:
        """Write a day's captures of the endpoint."""
        self.put(f"endpoint/AllTraffic/{day.replace('-', '/')}/10/a.jsonl", "\n".join(lines) + "\n")

    def labels(self, day: str, lines: Iterable[str]) -> None:
        """Write a day's ground truth."""
        self.put(f"truth/{day.replace('-', '/')}/23/a.jsonl", "\n".join(lines) + "\n")

    def table(self, day: str, columns: dict[str, Any], prefix: str = "table") -> None:
        """Write a day's Parquet table."""
        import io

        import pyarrow as pa
        import pyarrow.parquet as pq

        file = io.BytesIO()
        pq.write_table(pa.table(columns), file)
        self.put(f"{prefix}/{day.replace('-', '/')}/a.parquet", file.getvalue())

    def model(
        self, features: dict[str, Any], output: dict[str, Any], *rules: dict[str, Any], **more: Any
    ) -> None:
        """Write the model's YAML; a feature is a type, or a mapping with its keys."""
        listed = [
            {"name": name, **(one if isinstance(one, dict) else {"type": one})}
            for name, one in features.items()
        ]
        content = {
            "model": "m",
            "namespace": "/cases",
            "description": "A case.",
            "owner": "me",
            "contacts": ["me@example.com"],
            "features": listed,
            "output": output,
            "capture": {"endpoint": "endpoint"},
            "labels": {"prefix": "truth"},
            "baseline": {"first": BASELINE[0], "last": BASELINE[-1]},
            "plan": {
                "minimum": {"rows": 1, "labels": 1},
                "rules": list(rules),
                "actions": dict.fromkeys(("amber", "red", "grey"), _ACTION),
            },
            "schedule": {"first_window": DAY},
            **more,
        }
        if content["labels"] is None:
            del content["labels"]
        path = self.folder / "models" / "m.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


@dataclass(frozen=True)
class Said:
    """What the command line said about a case.

    Attributes:
        lint: Output of ``lint``.
        baseline: Output of ``baseline``, stdout and stderr.
        run: Output of ``run``, stdout and stderr.
        text: The mail's plain text, empty if no window was judged.
        page: The mail as a page, likewise.
        metrics: The window's metrics by name and column; value and baseline.
        counts: Content of ``export.json``, empty if no window was judged.
        codes: The exit codes of the three commands.
        environment: The variables that the commands ran with, to run another.
    """

    lint: str
    baseline: str
    run: str
    text: str
    page: str
    metrics: dict[tuple[str, str], tuple[float | None, float | None]]
    counts: dict[str, Any]
    codes: tuple[int, int, int]
    environment: dict[str, str]

    def command(self, *arguments: str) -> tuple[int, str]:
        """Run another command, and return its exit code and output."""
        return command(self.environment, *arguments)


Write = Callable[[Case], None]
"""Writes the files of a case."""

Check = Callable[[Said], None]
"""Looks at what must come out."""

Monitored = Callable[[Write], Said]
"""Writes the files of a case, monitors its day, and returns what was said."""


def command(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command of the command line in this process."""
    from daywatch.cli.app import app
    from typer.testing import CliRunner

    done = CliRunner().invoke(app, list(arguments), env=environment)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def monitor(case: Case, warehouse: Path) -> Said:
    """Lint, build the baseline and judge the day, as a person would.

    Args:
        case: The case's files.
        warehouse: The migrated SQLite file of the warehouse.
    """
    folder = case.folder
    (folder / "suites").mkdir(exist_ok=True)
    environment = {
        "DAYWATCH_MODELS": str(folder / "models"),
        "DAYWATCH_SUITES": str(folder / "suites"),
        "DAYWATCH_DATA_URI": str(folder / "data"),
        "DAYWATCH_ARTIFACTS_URI": str(folder / "artifacts"),
        "AIRFLOW_CONN_DAYWATCH_WAREHOUSE": json.dumps({"conn_type": "sqlite", "host": str(warehouse)}),
        "NO_COLOR": "1",
        "COLUMNS": "1000",
    }
    done = [
        command(environment, *words.split())
        for words in ("lint", "baseline --model m", f"run --model m --window {DAY}")
    ]
    codes, outputs = [code for code, _ in done], [output for _, output in done]
    text, page, export, measured = (
        next(
            (path.read_text(encoding="utf-8") for path in folder.glob(f"artifacts/m/windows/{DAY}/*/{name}")),
            "",
        )
        for name in ("report.txt", "report.html", "export.json", "measurement.json")
    )
    metrics = {
        (one["name"], one["column"]): (one["value"], one["baseline"])
        for one in (json.loads(measured)["metrics"] if measured else ())
        if not (one["slice"] or one["class_name"])
    }
    counts = json.loads(export) if export else {}
    return Said(*outputs, text, page, metrics, counts, (codes[0], codes[1], codes[2]), environment)
