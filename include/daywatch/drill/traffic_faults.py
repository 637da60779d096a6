"""Faults of the service: hours missing, sampling, records twice, another version, slow answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daywatch.drill.fault import Fault
from daywatch.measure.service.past_windows import Served, Setting
from daywatch.verdicts import CauseKind

_SERVICE = (CauseKind.SERVICE,)


def traffic_faults(served: Iterable[Served], *, has_latency: bool) -> Iterator[Fault]:
    """Yield the faults of the service.

    Args:
        served: What served the window before; without a version there, another one cannot be noticed.
        has_latency: Whether the captures carry latencies.
    """
    yield Fault("half of the hours", _SERVICE, kept="hour(inference_time) < 12")
    yield Fault("half of the rows", _SERVICE, kept="hash(event_id) % 2 = 0")
    yield Fault("records twice, same ids", _SERVICE, duplicated=True)
    yield Fault("records twice, other ids", _SERVICE, repeated=True)
    if any(one.setting is Setting.MODEL_VERSION for one in served):
        yield Fault("another version", _SERVICE, served={"model_version": "'another version'"})
    if has_latency:
        yield Fault("answers four times as slow", _SERVICE, served={"latency_ms": "latency_ms * 4"})
