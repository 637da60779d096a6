"""Whatever the bytes of a label object: nothing raises, and what could be read is counted."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from captures import one
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelled import Labelled

KEYS = {
    "t/2024/03/03/a.jsonl": {"source": "transaction_feedback", "prefix": "t"},
    "t/2024/03/03/a.jsonl.gz": {"source": "sagemaker_ground_truth", "prefix": "t"},
    "t/2024/03/03/a.csv": {"source": "table", "prefix": "t"},
    "t/2024/03/03/a.csv.gz": {"source": "table", "prefix": "t"},
    "t/2024/03/03/a.parquet": {"source": "table", "prefix": "t"},
}
value = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=9), st.just("e1"))
records = st.lists(
    st.dictionaries(st.sampled_from(["inference_id", "label", "eventMetadata", "groundTruthData"]), value)
)
content = st.one_of(
    st.binary(max_size=300),
    records.map(lambda found: "\n".join(json.dumps(one) for one in found).encode("utf-8", "replace")),
    st.text(max_size=200).map(lambda text: b"inference_id,label\n" + text.encode("utf-8", "replace")),
    st.binary(max_size=200).map(lambda noise: b"label,inference_id\n" + noise),
)


@pytest.mark.parametrize(("key", "labels"), KEYS.items(), ids=KEYS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(found=content, packed=st.booleans(), cut=st.integers(0, 40))
def test_whatever_the_bytes(key: str, labels: dict[str, Any], found: bytes, packed: bool, cut: int) -> None:
    whole = gzip.compress(found) if packed else found
    with tempfile.TemporaryDirectory() as folder:
        here = Labelled(Path(folder))
        here.endpoint.raw(one("e1").line())
        here.write(key, whole[: max(0, len(whole) - cut)] if cut < 10 else whole)

        exported = here.export(labels)

    counts = exported.counts
    assert set(exported.labels) == {("e1", 1)}
    assert counts.labels_quarantined == len(exported.bad)
    assert counts.labelled == (exported.labels["e1", 1] is not None)
    assert counts.records == counts.exported == 1
