"""Run statuses: the server's own names, and the two vocabularies of the API.

Clients that send `x-trigger-api-version: 2025-07-16` see the newer names. What a status filter
matches is not the exact inverse of what is shown (recorded: `WAITING` does not find `PAUSED`,
`FAILED` does not find `INTERRUPTED`).
"""

API_VERSION = "2025-07-16"

_SAME = (
    "DELAYED", "PENDING_VERSION", "EXECUTING", "CANCELED", "CRASHED", "SYSTEM_FAILURE",
    "EXPIRED", "TIMED_OUT",
)  # fmt: skip
_NEW = {name: name for name in _SAME} | {
    "PENDING": "QUEUED",
    "DEQUEUED": "DEQUEUED",
    "WAITING_FOR_DEPLOY": "PENDING_VERSION",
    "RETRYING_AFTER_FAILURE": "EXECUTING",
    "WAITING_TO_RESUME": "WAITING",
    "PAUSED": "WAITING",
    "COMPLETED_SUCCESSFULLY": "COMPLETED",
    "COMPLETED_WITH_ERRORS": "FAILED",
    "INTERRUPTED": "FAILED",
}
_OLD = _NEW | {
    "DEQUEUED": "EXECUTING",
    "WAITING_FOR_DEPLOY": "WAITING_FOR_DEPLOY",
    "RETRYING_AFTER_FAILURE": "REATTEMPTING",
    "WAITING_TO_RESUME": "FROZEN",
    "PAUSED": "FROZEN",
    "INTERRUPTED": "INTERRUPTED",
}

FINAL = frozenset(
    {
        "CANCELED", "INTERRUPTED", "COMPLETED_SUCCESSFULLY", "COMPLETED_WITH_ERRORS",
        "SYSTEM_FAILURE", "CRASHED", "EXPIRED", "TIMED_OUT",
    }
)  # fmt: skip
# After these a task-level idempotency key is free again.
ENDED_BADLY = FINAL - {"CANCELED", "COMPLETED_SUCCESSFULLY"}

FILTERS: dict[str, tuple[str, ...]] = {
    name: (name,) for name in (*_SAME, "DEQUEUED", "WAITING_FOR_DEPLOY", "INTERRUPTED")
} | {
    "QUEUED": ("PENDING",),
    "REATTEMPTING": ("RETRYING_AFTER_FAILURE",),
    "WAITING": ("WAITING_TO_RESUME",),
    "FROZEN": ("PAUSED", "WAITING_TO_RESUME"),
    "COMPLETED": ("COMPLETED_SUCCESSFULLY",),
    "FAILED": ("COMPLETED_WITH_ERRORS",),
}
"""A name that `filter[status]` takes, and the server's own statuses that it finds."""


def shown(status: str, versioned: bool) -> str:
    """The API's name of one of the server's own statuses."""
    return (_NEW if versioned else _OLD)[status]


def flags(api_status: str) -> dict[str, bool]:
    """The seven helper booleans; for EXPIRED and TIMED_OUT all are false (recorded)."""
    return _FLAGS[api_status]


def _flags(status: str) -> dict[str, bool]:
    completed = status in {
        "COMPLETED", "CANCELED", "FAILED", "CRASHED", "INTERRUPTED", "SYSTEM_FAILURE",
    }  # fmt: skip
    return {
        "isQueued": status in {"QUEUED", "WAITING_FOR_DEPLOY", "DELAYED", "PENDING_VERSION"},
        "isExecuting": status in {"EXECUTING", "REATTEMPTING", "FROZEN", "DEQUEUED"},
        "isCompleted": completed,
        "isFailed": completed and status != "COMPLETED",
        "isSuccess": status == "COMPLETED",
        "isCancelled": status == "CANCELED",
        "isWaiting": status == "WAITING",
    }


_FLAGS = {name: _flags(name) for name in {*_NEW.values(), *_OLD.values()}}
