"""The source and layout of captures, recognised from their keys and first records."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.adopt.answers import is_answer
from daywatch.adopt.dated_folders import DatedFolders
from daywatch.adopt.first_records import LINES, ROWS, TABLES, first_records, first_rows
from daywatch.adopt.guesses import LABELS, Captured, Section, named
from daywatch.adopt.payloads import SampledPayloads, sampled_payloads
from daywatch.config.model.capture import SOURCE_MODELS
from daywatch.engine.budget import CHECKED_BYTES, CHECKED_OBJECTS
from daywatch.engine.duck import duckdb_in
from daywatch.errors import SetupError
from daywatch.ingest.captures.sagemaker_batch import BatchSource
from daywatch.ingest.captures.sagemaker_realtime import RealtimeSource
from daywatch.ingest.captures.source import RECORD_COLUMNS, Records, TableRecords, provide_objects
from daywatch.ingest.captures.transaction_records import TransactionSource
from daywatch.ingest.labels.source import Sample
from daywatch.text import shown
from daywatch.window import Window

if TYPE_CHECKING:
    from daywatch.adopt.columns import SampledColumn
    from daywatch.ingest.captures.source import Source
    from daywatch.storage import Storage

SAMPLE = Sample(CHECKED_OBJECTS, CHECKED_BYTES)

_HOURLY = "%Y/%m/%d/%H"
_IDS = ("inference_id", "event_id", "transaction_id", "request_id", "prediction_id", "id")
_TIMES = ("inference_time", "event_time", "timestamp", "time", "at", "created_at", "start_at", "datetime")
_SHOWN = 12


def captured(storage: Storage, dated: DatedFolders, model: str, scratch: Path) -> Captured:
    """Return what a sample of captures is.

    Args:
        storage: The storage of the data URI.
        dated: The days below the prefix of the captures.
        model: The model's name, for logs of several models.
        scratch: Existing local folder.

    Raises:
        SetupError: The captures are of no source that Daywatch reads, or none of them can be read.
        InfrastructureError: The storage did not answer.
    """
    if dated.has_sides:
        return _batch(storage, dated, scratch)
    objects = [one for one in storage.list(dated.newest) if one.key.endswith((*TABLES, *LINES))]
    objects = SAMPLE.of([(one, one.size) for one in objects])
    if not objects:
        seen = ", ".join(shown(one.rpartition("/")[2]) for one in storage.names(dated.newest)[:_SHOWN])
        msg = (
            f"No captures under {storage.address(dated.newest)}: it has {seen or 'nothing'}; expected objects that end "
            f"with {', '.join((*TABLES, *LINES[:2]))}."
        )
        raise SetupError(msg)
    if objects[0].key.endswith(TABLES):
        columns = first_rows(storage, objects, scratch)
        if {"request", "response"} <= {one.name for one in columns}:
            records = [
                {
                    one.name: one.values[n]
                    for one in columns
                    if one.name in ("model_name", "confidence", *_IDS)
                }
                for n in range(len(columns[0].values))
            ]
            return _transactions(storage, dated, records, model, scratch)
        return _table(storage, dated, columns)
    records = first_records(storage, objects[0])
    if any("captureData" in one for one in records):
        return _realtime(storage, dated, scratch)
    if any("request" in one for one in records):
        return _transactions(storage, dated, records, model, scratch)
    keys = ", ".join(map(shown, dict.fromkeys(key for one in records for key in one))) or "no JSON object"
    msg = (
        f"{storage.address(objects[0].key)} is of no source that Daywatch reads: its records have {keys:.300}; "
        "expected 'captureData' (SageMaker) or 'request' and 'response' (transaction records). "
        "docs/captures.md lists them all."
    )
    raise SetupError(msg)


def _realtime(storage: Storage, dated: DatedFolders, scratch: Path) -> Captured:
    prefix, _, variant = dated.prefix.rpartition("/")
    prefix, _, endpoint = prefix.rpartition("/")
    if not endpoint or dated.partition != _HOURLY:
        msg = (
            f"The captures under {storage.address(dated.prefix)} are SageMaker's, but not below "
            "<prefix>/<endpoint>/<variant>/yyyy/mm/dd/hh/, where SageMaker writes them and Daywatch reads them."
        )
        raise SetupError(msg)
    values = {"source": "sagemaker_realtime", "prefix": prefix, "endpoint": endpoint, "variant": variant}
    because = {
        "source": "the records have captureData",
        "endpoint": "the folder of the variant's folder",
        "variant": "the folder above the years",
    }
    return _of_payloads(storage, dated, Section({k: v for k, v in values.items() if v}, because), scratch)


def _transactions(
    storage: Storage, dated: DatedFolders, records: list[dict[str, Any]], model: str, scratch: Path
) -> Captured:
    values: dict[str, Any] = {
        "source": "transaction_records",
        "prefix": dated.prefix,
        "partition": dated.partition,
    }
    because = {"source": "the records have request and response", "partition": "the folders' names"}
    identity = next((one for one in ("transaction_id", *_IDS) if all(one in each for each in records)), None)
    if identity:
        values["id"], because["id"] = f"$.{identity}", "all records of the sample have it"
    if records and all(one.get("confidence") is not None for one in records):
        values["confidence"], because["confidence"] = "$.confidence", "all records of the sample have it"
    names = list(dict.fromkeys(str(one["model_name"]) for one in records if one.get("model_name")))
    decisions = []
    if names:
        values["model_name"] = model if model in names else names[0]
        because["model_name"] = f"the log has {', '.join(map(shown, names[:_SHOWN]))}"
        if len(names) > 1 and model not in names:
            decisions.append("capture.model_name: the log has several models; name this one.")
    return _of_payloads(storage, dated, Section(values, because, decisions), scratch)


def _batch(storage: Storage, dated: DatedFolders, scratch: Path) -> Captured:
    values = {"source": "sagemaker_batch", "prefix": dated.prefix}
    return _of_payloads(
        storage, dated, Section(values, {"source": "the prefix has input and output"}), scratch
    )


def _source(capture: Section) -> Source:
    configured: Any = SOURCE_MODELS[capture.values["source"]].model_validate(dict(capture.values))
    if capture.values["source"] == "sagemaker_batch":
        return BatchSource(configured, 1)
    if capture.values["source"] == "sagemaker_realtime":
        return RealtimeSource(configured)
    return TransactionSource(configured)


def _of_payloads(storage: Storage, dated: DatedFolders, capture: Section, scratch: Path) -> Captured:
    """Read some records of the first and the last day as the export would, and make columns of their payloads."""
    records, problem = _records(storage, dated, _source(capture), scratch)
    requests = sampled_payloads([(one[0], one[1]) for one in records if one[0] and one[1]])
    rows = len(requests.columns[0].values) // max(len(records), 1) if requests and requests.columns else None
    responses = sampled_payloads([(one[2], one[3]) for one in records if one[2] and one[3]], rows)
    if requests is None or responses is None:
        missing = "no request" if requests is None else "no response"
        seen = f"; the first problem: {problem}" if problem else ""
        msg = (
            f"Of {len(records)} records under {storage.address(dated.prefix)}, {missing} can be read as CSV or JSON"
            f"{seen}. docs/captures.md has an example of each layout."
        )
        raise SetupError(msg)
    payload: dict[str, Any] = {}
    if requests.header:
        payload["header"] = True
    for side, name in ((requests, "request_rows"), (responses, "response_rows")):
        if side.rows_path:
            payload[name] = side.rows_path
    values, because = dict(capture.values), dict(capture.because)
    if payload:
        values["payload"] = payload
        because["payload"] = f"requests: {requests.because}; responses: {responses.because}"
    lists = [one for one in requests.columns if one.is_list and requests.is_named]
    decisions = [*capture.decisions]
    if lists:
        listed = ", ".join(shown(one.name) for one in lists[:_SHOWN])
        decisions.append(f"features: {listed} has lists and is left out; name a value in it with 'at'.")
    return Captured(
        Section(values, because, decisions),
        tuple(one for one in requests.columns if one not in lists),
        responses.columns,
        has_names=requests.is_named,
        answers_have_names=responses.is_named,
        rows=_rows(responses),
    )


def _rows(side: SampledPayloads) -> int:
    return len(side.columns[0].values) if side.columns else 0


def _records(
    storage: Storage, dated: DatedFolders, source: Source, scratch: Path
) -> tuple[list[tuple[str, str, str, str]], str]:
    """Return request, kind, response and kind of the first records, and the first reason why one cannot be read."""
    found: list[tuple[str, str, str, str]] = []
    problem = ""
    for day in sorted({dated.first, dated.last}):
        window = Window.of_day(day)
        own = [one for one in source.objects(storage, window) if one.in_window(window)]
        objects = SAMPLE.of([(one, one.stored.size) for one in own])
        if not objects:
            continue
        with duckdb_in(scratch) as connection:
            provide_objects(connection, objects)
            connection.execute(f"CREATE TABLE no_records ({RECORD_COLUMNS})")
            for records in source.read(connection, storage, dict(enumerate(objects)), scratch):
                rows = connection.execute(_first(records)).fetchall()
                found += [row[:4] for row in rows if row[4] is None]
                problem = problem or next((str(row[4]) for row in rows if row[4] is not None), "")
                if len(found) >= ROWS:
                    break
    return found[: 2 * ROWS], shown(problem, 200)


def _first(records: Records) -> str:
    query = records.query if isinstance(records, TableRecords) else records
    return f"""
        SELECT request, request_kind, response, response_kind, coalesce(detail, part_detail, reason, part_reason)
        FROM (FROM no_records UNION ALL BY NAME ({query})) LIMIT {ROWS}
    """


def _table(storage: Storage, dated: DatedFolders, columns: tuple[SampledColumn, ...]) -> Captured:
    if not columns or not columns[0].values:
        msg = f"The tables under {storage.address(dated.newest)} have no rows that can be read."
        raise SetupError(msg)
    values: dict[str, Any] = {"source": "table", "prefix": dated.prefix, "partition": dated.partition}
    because = {"source": "the objects are tables", "partition": "the paths' names"}
    time = next((one for name in _TIMES if (one := named(columns, (name,))) and _is_time(one)), None)
    identity = next((one for name in _IDS if (one := named(columns, (name,))) and _is_unique(one)), None)
    for key, column, reason in (
        ("time_column", time, "its name, and all values are times"),
        ("id_column", identity, "its name, and no value comes twice"),
    ):
        if column:
            values[key], because[key] = column.name, reason
    decisions = [] if identity else ["capture.id_column: no column looks like an id, which labels need."]
    answers = tuple(one for one in columns if is_answer(one))
    if not answers:
        listed = ", ".join(shown(one.name) for one in columns[:_SHOWN])
        msg = (
            f"No column under {storage.address(dated.newest)} is named as an answer: the columns are {listed}; "
            "expected one such as prediction, probability or score. Write the YAML by hand, with output.at for its "
            "name."
        )
        raise SetupError(msg)
    label = named(columns, LABELS)
    left_out = (time, identity, label, *answers)
    features = tuple(one for one in columns if not any(one is other for other in left_out))
    if label and label not in answers:
        decisions.append(f"labels: the captures' own column {shown(label.name)} is left out of the features.")
    return Captured(
        Section(values, because, decisions),
        features,
        answers,
        has_names=True,
        answers_have_names=True,
        rows=len(columns[0].values),
    )


def _is_unique(column: SampledColumn) -> bool:
    return len(column.classes) == len(column.values)


def _is_time(column: SampledColumn) -> bool:
    try:
        return bool([datetime.fromisoformat(one) for one in column.texts])
    except ValueError:
        return False
