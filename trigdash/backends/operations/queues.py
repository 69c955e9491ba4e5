"""Queues: https://trigger.dev/docs/queue-concurrency."""

from __future__ import annotations

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, numbered_page
from trigdash.backends.operations.shapes import listed, sent
from trigdash.model.queue import Queue

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
    """Take the override of a queue's limit back."""
    path = (*_PATH, queue_id, "concurrency", "reset")
    return sent(Capability.QUEUE_WRITES, path, {"type": "id"})
