"""Realtime feeds of Trigger.dev: rows of the database, sent as they change. There are two kinds of
server: Electric, whose updates have changed columns only, and Trigger.dev's own, whose updates have
whole rows and whose headers have older names. This module relies only on what both share: an array
of messages with a key, columns as text, an operation or a control word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from trigdash.backends.base import Unreadable
from trigdash.backends.calls import path
from trigdash.backends.http import Access, HttpClient, Request
from trigdash.model.feed import Columns, Feed, FeedAnswer, FeedPosition, RunChange
from trigdash.model.moment import in_utc

_SKIPPED = (
    "payload", "payloadType", "metadata", "metadataType", "output", "outputType", "error",
    "realtimeStreams", "number", "ttl", "isTest", "queuedAt",
)  # fmt: skip
"""Columns that are not requested. A change in them updates `updatedAt`."""
_STATUSES = {
    "WAITING_FOR_DEPLOY": "PENDING_VERSION",
    "PENDING": "QUEUED",
    "RETRYING_AFTER_FAILURE": "EXECUTING",
    "WAITING_TO_RESUME": "WAITING",
    "PAUSED": "WAITING",
    "COMPLETED_SUCCESSFULLY": "COMPLETED",
    "COMPLETED_WITH_ERRORS": "FAILED",
    "INTERRUPTED": "FAILED",
} | {
    name: name
    for name in (
        "DELAYED", "PENDING_VERSION", "DEQUEUED", "EXECUTING", "CANCELED", "CRASHED",
        "SYSTEM_FAILURE", "EXPIRED", "TIMED_OUT",
    )
}  # fmt: skip
"""The database's statuses and those of the API (recorded)."""
_MOST_ROWS = 5_000
"""Rows of one feed: the server's own feeds stop at 1,000."""

_OFFSETS = ("electric-offset", "electric-chunk-last-offset")
_HANDLES = ("electric-handle", "electric-shape-id")


async def listen(
    http: HttpClient, via: Access, feed: Feed, after: FeedPosition | None
) -> FeedAnswer:
    """All rows at first; later the changes, once there are any or after about 20 s. Raises
    BackendError, also when the feed has to start over."""
    headers, body = await http.listen(Request("GET", _path(feed), _params(feed, after)), via)
    try:
        messages = json.loads(body)
        return _answer(headers, messages, after)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise Unreadable("the feed answers something else") from None


def _path(feed: Feed) -> str:
    if feed.batch_id:
        return path("batches", feed.batch_id).replace("/api/", "/realtime/v1/", 1)
    return path("runs", *((feed.run_id,) if feed.run_id else ())).replace(
        "/api/", "/realtime/v1/", 1
    )


def _params(feed: Feed, after: FeedPosition | None) -> tuple[tuple[str, str], ...]:
    told = {"tags": feed.tag} if feed.tag else {}
    told["skipColumns"] = ",".join(_SKIPPED)
    told["offset"] = after.offset if after else "-1"
    if after is not None:
        told |= {"handle": after.handle, "shape_id": after.handle}
        told |= {"live": "true"} if after.is_current else {}
        told |= {"cursor": after.cursor} if after.cursor else {}
    return tuple(told.items())


def _answer(headers: Mapping[str, str], messages: Any, after: FeedPosition | None) -> FeedAnswer:
    """Parse an answer. Raises ValueError and the like if it is not one of a feed."""
    if not isinstance(messages, list):
        raise ValueError("no list")
    rows = dict(after.rows) if after else {}
    changed: dict[str, None] = {}
    is_current = False
    for message in messages:
        control = message["headers"].get("control")
        if control == "must-refetch":
            raise Unreadable("the feed begins anew")
        is_current = is_current or control == "up-to-date"
        if "key" in message and _apply(rows, message):
            changed[message["key"]] = None
    if len(rows) > _MOST_ROWS:
        raise Unreadable("the feed tells of too many runs")
    position = FeedPosition(
        offset=_first(headers, _OFFSETS),
        handle=_first(headers, _HANDLES),
        cursor=headers.get("electric-cursor", ""),
        is_current=is_current,
        rows=rows,
    )
    changes = tuple(_change(rows[key]) for key in changed if key in rows)
    return FeedAnswer(position, changes, is_current)


def _apply(rows: dict[str, Columns], message: dict[str, Any]) -> bool:
    """Apply one message; returns whether it has anything new."""
    key, known = message["key"], rows.get(message["key"])
    if message["headers"].get("operation") == "delete":
        rows.pop(key, None)
        return False
    told = {name: _text(value) for name, value in message["value"].items() if name not in _SKIPPED}
    rows[key] = {**(known or {}), **told}
    return rows[key] != known


def _text(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    """A header by any of its names."""
    found = next((headers[name] for name in names if headers.get(name)), "")
    if not found:
        raise ValueError("no position")
    return found


def _change(row: Columns) -> RunChange:
    name = _STATUSES.get(row["status"] or "", "")
    return RunChange(
        run_id=row["friendlyId"] or "",
        status_name=name,
        created_at=_required(row["createdAt"]),
        updated_at=_required(row["updatedAt"]),
        started_at=_time(row.get("startedAt")),
        completed_at=_time(row.get("completedAt")),
        delayed_until=_time(row.get("delayUntil")),
        expired_at=_time(row.get("expiredAt")),
        compute_ms=max(0, int(row.get("usageDurationMs") or 0)),
        cost_cents=float(row.get("costInCents") or 0),
        base_cost_cents=float(row.get("baseCostInCents") or 0),
    )


def _required(text: str | None) -> datetime:
    time = _time(text)
    if time is None:
        raise ValueError("no time")
    return time


def _time(text: str | None) -> datetime | None:
    """A time in UTC; the wire has no zone (recorded)."""
    return in_utc(datetime.fromisoformat(text)) if text else None
