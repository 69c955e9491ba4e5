"""Statuses in queries: printed and filtered by friendly names, kept by the server's own."""

FRIENDLY = {
    "DELAYED": "Delayed",
    "PENDING": "Queued",
    "PENDING_VERSION": "Pending version",
    "WAITING_FOR_DEPLOY": "Pending version",
    "DEQUEUED": "Dequeued",
    "EXECUTING": "Executing",
    "WAITING_TO_RESUME": "Waiting",
    "RETRYING_AFTER_FAILURE": "Reattempting",
    "PAUSED": "Paused",
    "CANCELED": "Canceled",
    "INTERRUPTED": "Interrupted",
    "COMPLETED_SUCCESSFULLY": "Completed",
    "COMPLETED_WITH_ERRORS": "Failed",
    "SYSTEM_FAILURE": "System failure",
    "CRASHED": "Crashed",
    "EXPIRED": "Expired",
    "TIMED_OUT": "Timed out",
}


def internal(name: str) -> list[str]:
    """The server's own statuses that a name in a query stands for; itself where it is none."""
    found = [own for own, friendly in FRIENDLY.items() if friendly == name]
    return found or [name]
