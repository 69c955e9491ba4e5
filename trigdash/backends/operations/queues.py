"""Queues, and concurrency limits (from server 4.7 on; overrides of one key from 4.7.4 on)."""

from __future__ import annotations

from typing import Any

from trigdash.backends.operation import Operation, numbered_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.capability import Capability
from trigdash.model.listing import object_parser
from trigdash.model.queue import KeyLimit, Limit, Queue

_PATH = ("v1", "queues")
list_queues = listed(Capability.QUEUES, _PATH, Queue, numbered_page)


def pause_queue(queue_id: str, paused: bool) -> Operation[None]:
    """Pause or resume a queue; running runs continue."""
    body = {"type": "id", "action": "pause" if paused else "resume"}
    return sent(Capability.QUEUE_WRITES, (*_PATH, queue_id, "pause"), body)


def override_queue(queue_id: str, limit: int) -> Operation[None]:
    """Override the concurrency limit of a queue; 0 blocks it."""
    body = {"type": "id", "concurrencyLimit": limit}
    return sent(Capability.QUEUE_WRITES, (*_PATH, queue_id, "concurrency", "override"), body)


def reset_queue(queue_id: str) -> Operation[None]:
    """Remove the override of a queue's limit."""
    path = (*_PATH, queue_id, "concurrency", "reset")
    return sent(Capability.QUEUE_WRITES, path, {"type": "id"})


_LIMITS_PATH = ("v1", "concurrency-limits")
list_limits = listed(Capability.LIMITS, _LIMITS_PATH, Limit, numbered_page, since="4.7")
get_limit = got(Capability.LIMITS, _LIMITS_PATH, Limit)


def get_key_limit(name: str, key: str) -> Operation[KeyLimit]:
    """A limit as one concurrency key sees it."""
    parser = object_parser(KeyLimit)
    params = (("concurrencyKey", key),)
    return Operation(Capability.LIMITS, (*_LIMITS_PATH, name), parser, params=params)


def override_limit(name: str, per_key: int | None, total: int | None) -> Operation[None]:
    """Override the given bounds, across deployments; 0 blocks."""
    return _write(name, "override", {"perKey": per_key, "total": total})


def override_key(name: str, key: str, per_key: int, ttl: str | None) -> Operation[None]:
    """Override one key's bound for a time: 7 days by default, at most 30, set by `ttl`."""
    return _write(name, "override", {"concurrencyKey": key, "perKey": per_key, "ttl": ttl})


def reset_limit(name: str, key: str | None = None) -> Operation[None]:
    """Remove the overrides of a limit, or that of one key."""
    return _write(name, "reset", {"concurrencyKey": key})


def pause_limit(name: str, paused: bool) -> Operation[None]:
    """Pause or resume the runs of a limit; running runs continue."""
    return _write(name, "pause", {"action": "pause" if paused else "resume"})


def _write(name: str, step: str, body: dict[str, Any]) -> Operation[None]:
    return sent(Capability.LIMIT_WRITES, (*_LIMITS_PATH, name, step), body)
