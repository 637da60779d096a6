"""Names in captures that no feature has are counted, whatever the source."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import models
import pytest
from captures import Endpoint, one
from sources import parquet, transaction, write_files

Export = Callable[..., Any]

ROW = {"amount": 12.5, "items": 3, "member": True, "country": "DE"}
ANSWER = {"prediction": "1", "probability": 0.9}


def realtime(*requests: str, kind: str = "text/csv") -> bytes:
    """Return a capture record for each request."""
    lines = []
    for number, request in enumerate(requests):
        record = one(f"e{number}").record()
        record["captureData"]["endpointInput"] |= {"data": request, "observedContentType": kind}
        record["captureData"]["endpointInput"]["encoding"] = "CSV" if kind == "text/csv" else "JSON"
        lines.append(json.dumps(record))
    return "\n".join(lines).encode()


def transactions(*requests: dict[str, Any]) -> bytes:
    lines = [transaction(one(f"e{n}"), request=request) for n, request in enumerate(requests)]
    return "\n".join(map(json.dumps, lines)).encode()


HOUR = "shop-endpoint/AllTraffic/2024/03/03/12/a.jsonl"
TABLE = {"source": "table", "prefix": "t", "id_column": "id"}
CASES: dict[str, tuple[dict[str, Any], dict[str, bytes], int, dict[str, int]]] = {
    "Parquet": (
        TABLE,
        {
            "t/2024/03/03/a.parquet": parquet([{"id": "a", **ROW, **ANSWER, "tax": 1, "Über 'x'": 2}]),
            "t/2024/03/03/b.parquet": parquet([{"id": "b", **ROW, **ANSWER, "tax": 1}]),
        },
        2,
        {"tax": 2, "Über 'x'": 1},
    ),
    "JSON": (
        {"endpoint": "shop-endpoint"},
        {
            HOUR: realtime(
                json.dumps({**ROW, "tax": 1}), json.dumps(ROW), json.dumps(list(ROW.values())),
                kind="application/json",
            )
        },
        2,
        {"tax": 1},
    ),
    "transactions": (
        {"source": "transaction_records", "prefix": "shop-log"},
        {"shop-log/2024/03/03/12/a.jsonl": transactions({**ROW, "tax": None, "a.b": {}}, ROW)},
        2,
        {"a.b": 1, "tax": 1},
    ),
    "header": (
        {"endpoint": "shop-endpoint", "payload": {"header": True}},
        {HOUR: realtime("country,tax,member,items,amount\nDE,1,true,3,12.5")},
        1,
        {"tax": 1},
    ),
    "positions only": ({"endpoint": "shop-endpoint"}, {HOUR: realtime("12.5,3,true,DE")}, 0, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_names_that_no_feature_has(endpoint: Endpoint, export: Export, case: str) -> None:
    capture, files, named, extra = CASES[case]
    write_files(endpoint.folder, files)

    counts = export(model=models.model(capture=capture)).counts

    assert counts.quarantined == 0
    assert (counts.named_records, counts.extra_names) == (named, len(extra))
    assert {found.name: found.records for found in counts.extra_columns} == extra
