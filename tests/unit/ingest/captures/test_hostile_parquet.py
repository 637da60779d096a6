"""Parquet of every kind, beside a table that is sound: each file has an outcome, and costs no other file anything."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import models
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
from captures import Endpoint
from daywatch.ingest.reading.quarantine import Reason
from sources import write_files

Export = Callable[..., Any]

ROW = {"amount": 12.5, "items": 3, "member": True, "country": "DE", "prediction": "1", "probability": 0.9}
SECONDS = 60
"""Much more than all of them take; without bounds, one alone would take minutes."""


def written(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({**{name: [value] for name, value in ROW.items()}, **columns}), sink, **options)
    return sink.getvalue()


class Keys(pe.KmsClient):
    """Wraps a key by doing nothing: the reader has no key at all."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return key_bytes.hex().encode()

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return bytes.fromhex(wrapped_key.decode())


def encrypted(*, plaintext_footer: bool) -> bytes:
    factory = pe.CryptoFactory(lambda _: Keys())
    configuration = pe.EncryptionConfiguration(
        footer_key="key", column_keys={"key": list(ROW)}, plaintext_footer=plaintext_footer
    )
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), configuration)
    return written({}, encryption_properties=properties)


def repeated(rows: int) -> bytes:
    sink = io.BytesIO()
    table = pa.table({name: pa.array([value]) for name, value in ROW.items()})
    with pq.ParquetWriter(sink, table.schema) as writer:
        for _ in range(rows // 1_000_000):
            writer.write_table(table.take(pa.array([0] * 1_000_000)))
    return sink.getvalue()


def without_columns() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"amount": [1.0, 2.0]}).select([]), sink)
    return sink.getvalue()


def nested(depth: int) -> pa.Array:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return pa.array([value])


HOSTILE: dict[str, tuple[bytes, int, Reason | None]] = {
    "structs": (written({"amount": pa.array([{"a": 1}])}), 0, Reason.NOT_A_NUMBER),
    "lists": (written({"amount": pa.array([[1.5]])}), 0, Reason.NOT_A_NUMBER),
    "maps": (written({"amount": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32()))}), 0, Reason.NOT_A_NUMBER),
    "fifty lists in each other": (written({"country": nested(50)}), 0, Reason.NOT_A_TABLE),
    "five lists in each other": (written({"country": nested(5)}), 1, None),
    "dictionaries": (written({"country": pa.array(["DE"]).dictionary_encode()}), 1, None),
    "dictionary of numbers": (written({"amount": pa.array([12.5]).dictionary_encode()}), 1, None),
    "no type": (written({"amount": pa.nulls(1)}), 1, None),
    "decimals without digits before the point": (
        written({"amount": pa.array([Decimal("0.5")], pa.decimal128(38, 38))}), 1, None
    ),
    "decimals of 256 bits": (written({"amount": pa.array([Decimal(5)], pa.decimal256(76, 3))}), 1, None),
    "halves of floats": (written({"amount": pa.array([0.5], pa.float16())}), 1, None),
    "2^64 - 1": (written({"items": pa.array([2**64 - 1], pa.uint64())}), 0, Reason.NOT_A_NUMBER),
    "NUL in bytes": (written({"country": pa.array([b"D\x00"])}), 0, Reason.NUL_CHARACTER),
    "NUL in a text": (written({"country": ["D\x00"]}), 0, Reason.NUL_CHARACTER),
    "bytes that are no text": (written({"country": pa.array([b"\xff\x00"])}), 1, None),
    "times": (written({"amount": pa.array([1], pa.time32("s"))}), 0, Reason.NOT_A_NUMBER),
    "flags as numbers": (written({"amount": [True], "items": [False]}), 1, None),
    "odd names": (written({"": [1], '"; DROP TABLE objects; --': [1], "AMOUNT": [2], "n" * 5_000: [1]}), 1, None),
    "no columns": (without_columns(), 0, Reason.NOT_A_TABLE),
    "no rows": (written({name: pa.array([], pa.string()) for name in ROW}), 0, None),
    "encrypted": (encrypted(plaintext_footer=False), 0, Reason.NOT_A_TABLE),
    "encrypted columns": (encrypted(plaintext_footer=True), 0, Reason.NOT_A_TABLE),
    "3,000,000 times the same row": (repeated(3_000_000), 0, Reason.TOO_LARGE),
}  # fmt: skip
"""Contents of a file, the rows that are exported, and the reason of what is quarantined if there is any."""


def test_each_has_an_outcome(endpoint: Endpoint, export: Export) -> None:
    names = list(HOSTILE)
    files = {f"t/2024/03/03/{n:02}.parquet": HOSTILE[name][0] for n, name in enumerate(names)}
    write_files(endpoint.folder, {**files, "t/2024/03/03/sound.parquet": written({})})
    began = time.monotonic()

    exported = export(model=models.model(capture={"source": "table", "prefix": "t"}))

    assert time.monotonic() - began < SECONDS
    found = {}
    for n, name in enumerate(names):
        rows = sum(row["source_key"].endswith(f"/{n:02}.parquet") for row in exported.rows)
        bad = {one["reason"] for one in exported.quarantine if one["source"].endswith(f"/{n:02}.parquet")}
        found[name] = (rows, next(iter(bad), None) if len(bad) < 2 else bad)
    assert found == {name: outcome for name, (_, *outcome) in HOSTILE.items() for outcome in [tuple(outcome)]}
    assert [row["amount"] for row in exported.rows if "sound" in row["source_key"]] == [12.5]
    assert not [one["detail"] for one in exported.quarantine if "read_parquet" in one["detail"]]
    flags = next(
        row for row in exported.rows if f"/{names.index('flags as numbers'):02}." in row["source_key"]
    )
    assert (flags["amount"], flags["items"]) == (1.0, 0)
