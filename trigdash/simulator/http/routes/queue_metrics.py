"""`GET /api/v1/queues/{queue}/metrics`: what a queue went through, in about twelve steps."""

import re
from urllib.parse import unquote

from trigdash.simulator.http.requests import custom_issue, query_error
from trigdash.simulator.http.routing import Call, Route
from trigdash.simulator.trql.aggregates import quantile
from trigdash.simulator.world import queue_history
from trigdash.simulator.world.queue_history import Bucket
from trigdash.simulator.world.texts import duration_ms, iso

_PERIOD = re.compile(r"[1-9]\d*[smhdw]")
_MOST_MS = 7 * 86_400_000
_STEPS = 12
_KINDS = ("task", "custom")


def _metrics(call: Call) -> object:
    """An unknown queue has zeros, not a 404 (recorded)."""
    call.require("read:query:queue_metrics")
    kind = call.query.get("type", "task")
    if kind not in _KINDS:
        message = f"Invalid enum value. Expected 'task' | 'custom', received '{kind}'"
        issue = {"received": kind, "code": "invalid_enum_value", "options": list(_KINDS)}
        raise query_error(issue | {"path": ["type"], "message": message})
    period = call.query.get("period", "1h")
    length_ms = _length(period)
    name = unquote(call.params["queue"]).removeprefix("task/")
    queue = f"task/{name}" if kind == "task" else name
    width_ms = max(60_000, length_ms // _STEPS)
    # Aligned to steps, so the end may lie in the future (recorded).
    to_ms = -(-call.world.now_ms // width_ms) * width_ms
    from_ms = to_ms - length_ms
    buckets = queue_history.by_queue(call.env, from_ms, to_ms, width_ms, queue).get(queue, {})
    return {
        "queue": queue,
        "period": period,
        "from": iso(from_ms),
        "to": iso(to_ms),
        **_figures(buckets, length_ms),
        "bucketIntervalMs": width_ms,
        "depthTrend": _trend(buckets, from_ms, to_ms, width_ms),
    }


def _length(period: str) -> int:
    issues = []
    length_ms = duration_ms(period) if _PERIOD.fullmatch(period) else None
    if length_ms is None:
        issues.append(
            {
                "validation": "regex", "code": "invalid_string", "path": ["period"],
                "message": "period must be a shorthand like '15m', '1h', or '24h'",
            }
        )  # fmt: skip
    if length_ms is None or length_ms > _MOST_MS:
        issues.append(custom_issue("period is too large (max 7d)", "period"))
        raise query_error(*issues)
    return length_ms


def _figures(buckets: dict[int, Bucket], length_ms: int) -> dict[str, object]:
    waits = sorted(wait for bucket in buckets.values() for wait in bucket.wait_ms)
    started = sum(bucket.started for bucket in buckets.values())
    per_min = round(started * 60_000 / length_ms, 1)
    return {
        "waitMs": {"p50": _rounded(waits, 0.5), "p95": _rounded(waits, 0.95)},
        "peakQueued": max((bucket.peak_queued for bucket in buckets.values()), default=0),
        "startedCount": started,
        "startedPerMin": int(per_min) if per_min.is_integer() else per_min,
        "throttledCount": sum(bucket.throttled for bucket in buckets.values()),
    }


def _rounded(waits: list[int], level: float) -> int | None:
    found = quantile(waits, level)
    return None if found is None else round(found)


def _trend(buckets: dict[int, Bucket], from_ms: int, to_ms: int, width_ms: int) -> list[int]:
    """The greatest depth of each step; a step without changes keeps the depth before it."""
    trend, left = [], 0
    for start_ms in range(from_ms, to_ms, width_ms):
        bucket = buckets.get(start_ms)
        trend.append(left if bucket is None else bucket.peak_queued)
        left = left if bucket is None else bucket.left_queued
    return trend


ROUTES = [Route("GET", "/api/v1/queues/{queue}/metrics", _metrics, "public")]
