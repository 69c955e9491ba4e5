"""Realtime feeds: runs as rows of text, and which rows changed since a client's last request.

A feed remembers the rows as they were at the offsets that it gave out lately. A client that comes
back with one of these gets the changes since; with any other it gets all rows again.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from trigdash.simulator.world import content
from trigdash.simulator.world import runs as journal
from trigdash.simulator.world.actions import to_json
from trigdash.simulator.world.ids import mix, seed_of
from trigdash.simulator.world.runs import Run

Select = Callable[[], Sequence[Run]]
Mark = tuple[int, str, int, int]
Message = dict[str, Any]

_MOST_FEEDS = 1_000
"""Feeds that are remembered; a client of a dropped feed starts over."""
_MOST_OFFSETS = 3
_KINDS = {
    "id": "text", "taskIdentifier": "text", "createdAt": "timestamp", "updatedAt": "timestamp",
    "startedAt": "timestamp", "delayUntil": "timestamp", "queuedAt": "timestamp",
    "expiredAt": "timestamp", "completedAt": "timestamp", "friendlyId": "text", "number": "int4",
    "isTest": "bool", "status": "text", "usageDurationMs": "int4", "costInCents": "float8",
    "baseCostInCents": "float8", "ttl": "text", "payload": "text", "payloadType": "text",
    "metadata": "text", "metadataType": "text", "output": "text", "outputType": "text",
}  # fmt: skip
SCHEMA = to_json(
    {name: {"type": kind} for name, kind in _KINDS.items()}
    | {
        "runTags": {"type": "text", "dims": 1},
        "error": {"type": "jsonb"},
        "realtimeStreams": {"type": "text", "dims": 1},
    }
)
"""What the columns hold (recorded)."""
UP_TO_DATE: Message = {"headers": {"control": "up-to-date"}}
_KEPT = frozenset({"id", "taskIdentifier", "friendlyId", "status", "createdAt"})


class Feed:
    """The rows of one handle."""

    def __init__(self, select: Select):
        self.select = select
        self._seen: OrderedDict[str, dict[str, Mark]] = OrderedDict()

    def knows(self, offset: str) -> bool:
        return offset in self._seen

    def changes(self, offset: str) -> list[tuple[str, Run]]:
        """Operation and run for each row that is new or other than at an offset."""
        before = self._seen.get(offset, {})
        return [
            ("update" if run.id in before else "insert", run)
            for run in self.select()
            if before.get(run.id) != _mark(run)
        ]

    def remember(self, now_ms: int) -> str:
        """The offset of the rows as they are now."""
        marks = {run.id: _mark(run) for run in self.select()}
        newest_ms = max((mark[0] for mark in marks.values()), default=now_ms)
        offset = f"{newest_ms}_{sum(mark[2] for mark in marks.values())}"
        self._seen[offset] = marks
        self._seen.move_to_end(offset)
        while len(self._seen) > _MOST_OFFSETS:
            self._seen.popitem(last=False)
        return offset


class Feeds:
    """All feeds, by handle."""

    def __init__(self) -> None:
        self._feeds: OrderedDict[str, Feed] = OrderedDict()

    def open(self, name: str, select: Select) -> tuple[str, Feed]:
        """The feed of a name; the same name finds the same feed."""
        feed = self._feeds.get(name)
        if feed is None:
            feed = self._feeds[name] = Feed(select)
        feed.select = select
        self._feeds.move_to_end(name)
        while len(self._feeds) > _MOST_FEEDS:
            self._feeds.popitem(last=False)
        return name, feed


def handle_of(name: str, *parts: str) -> str:
    """A handle for what a feed selects."""
    return f"{name}-{mix(*map(seed_of, parts)):016x}" if parts else name


def _mark(run: Run) -> Mark:
    return run.updated_ms, run.status, len(run.journal) + run.stage, len(run.tags)


def message(operation: str, run: Run, now_ms: int, versioned: bool, skipped: set[str]) -> Message:
    """One row as the wire has it."""
    value = row(run, now_ms, versioned)
    kept = {name: text for name, text in value.items() if name in _KEPT or name not in skipped}
    internal = run.id.removeprefix("run_")
    return {
        "key": f'"public"."TaskRun"/"{internal}"',
        "value": kept,
        "headers": {"operation": operation},
    }


def row(run: Run, now_ms: int, versioned: bool) -> dict[str, str | None]:
    """A run's columns: texts or null; times in UTC without a zone (recorded)."""
    metadata = content.metadata(run, now_ms)
    error = _error(run)
    payload, payload_kind = _packet(run.payload, content.payload(run))
    output, output_kind = _packet(run.output, content.output(run))
    hidden = not versioned and run.status == "DEQUEUED"
    return {
        "id": run.id.removeprefix("run_"),
        "taskIdentifier": run.task_id,
        "createdAt": _time(run.created_ms),
        "updatedAt": _time(max(run.updated_ms, run.created_ms)),
        "startedAt": _time(run.started_ms),
        "delayUntil": _time(run.delayed_ms),
        "queuedAt": _time(_queued_ms(run.journal)),
        "expiredAt": _time(run.expired_ms),
        "completedAt": _time(run.finished_ms),
        "friendlyId": run.id,
        "number": "0",
        "isTest": "t" if run.is_test else "f",
        "status": "EXECUTING" if hidden else run.status,
        "usageDurationMs": str(run.active_ms),
        "costInCents": f"{run.cost_cents:g}",
        "baseCostInCents": f"{run.base_cost_cents:g}",
        "ttl": run.ttl,
        "payload": payload,
        "payloadType": payload_kind,
        "metadata": None if metadata is None else to_json(metadata),
        "metadataType": "application/json",
        "output": output,
        "outputType": output_kind,
        "runTags": _array(run.tags),
        "error": None if error is None else to_json(error),
        "realtimeStreams": "{}",
    }


def _time(time_ms: int | None) -> str | None:
    if time_ms is None:
        return None
    seconds, millis = divmod(time_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}"


def _queued_ms(entries: "array[int]") -> int | None:
    found = (entry >> 16 for entry in entries if entry & 0xFF == journal.QUEUED)
    return next(found, None)


def _packet(sent: Any, value: Any) -> tuple[str | None, str]:
    """Raw stored text and its type."""
    if sent is not None:
        return sent.text, sent.kind
    return (None if value is content.ABSENT else to_json(value)), "application/json"


def _array(items: Sequence[str]) -> str:
    """A Postgres array literal."""
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"


def _error(run: Run) -> dict[str, str] | None:
    """The error as it is stored, with its type."""
    shown = content.error(run) if run.is_final else None
    if shown is None:
        return None
    if isinstance(run.error, str) and run.error.isupper():
        return {"type": "INTERNAL_ERROR", "code": run.error, "message": shown["message"]}
    if "name" not in shown:
        return {"type": "STRING_ERROR", "raw": shown["message"]}
    return {"type": "BUILT_IN_ERROR", **shown}
