"""Run statuses: every vocabulary of the servers, and the kind of each status for display.

A status stays the word that the server sent; an unknown one is kept and shown as it is, with the
kind UNKNOWN. The two Trigger.dev vocabularies (with and without the version header of 2025-07-16)
and the words of the workflow Runs API do not clash, so one table serves all.
"""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a status means, regardless of its name on the server."""

    QUEUED = "queued"
    """Waits for a place: queued, pending version, delayed, dequeued."""
    RUNNING = "running"
    WAITING = "waiting"
    """Has started and waits on something: a token, a time, a child run, an approval."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """Ended badly by its own doing or its machine's."""
    LAPSED = "lapsed"
    """Ended by a clock: timed out or expired."""
    CANCELED = "canceled"
    UNKNOWN = "unknown"


FINAL_KINDS = frozenset({Kind.SUCCEEDED, Kind.FAILED, Kind.LAPSED, Kind.CANCELED})


@dataclass(frozen=True, slots=True)
class Status:
    """One status word of a server and how people say it."""

    name: str
    """As the server sends it."""
    word: str
    """As the user reads it: lower case, spaces."""
    kind: Kind

    @property
    def is_final(self) -> bool:
        """Whether a run in this status can never change again (a status list, never `isCompleted`:
        EXPIRED and TIMED_OUT runs were recorded with all seven booleans false)."""
        return self.kind in FINAL_KINDS


_KNOWN = {
    status.name: status
    for status in (
        Status("PENDING_VERSION", "pending version", Kind.QUEUED),
        Status("WAITING_FOR_DEPLOY", "pending version", Kind.QUEUED),
        Status("DELAYED", "delayed", Kind.QUEUED),
        Status("QUEUED", "queued", Kind.QUEUED),
        Status("DEQUEUED", "dequeued", Kind.QUEUED),
        Status("EXECUTING", "executing", Kind.RUNNING),
        Status("REATTEMPTING", "executing", Kind.RUNNING),
        Status("WAITING", "waiting", Kind.WAITING),
        Status("PAUSED", "waiting", Kind.WAITING),
        Status("FROZEN", "waiting", Kind.WAITING),
        Status("COMPLETED", "completed", Kind.SUCCEEDED),
        Status("CANCELED", "canceled", Kind.CANCELED),
        Status("FAILED", "failed", Kind.FAILED),
        Status("CRASHED", "crashed", Kind.FAILED),
        Status("INTERRUPTED", "interrupted", Kind.FAILED),
        Status("SYSTEM_FAILURE", "system failure", Kind.FAILED),
        Status("EXPIRED", "expired", Kind.LAPSED),
        Status("TIMED_OUT", "timed out", Kind.LAPSED),
        Status("pending", "pending", Kind.QUEUED),
        Status("running", "running", Kind.RUNNING),
        Status("suspended", "suspended", Kind.WAITING),
        Status("completed", "completed", Kind.SUCCEEDED),
        Status("failed", "failed", Kind.FAILED),
        Status("cancelled", "canceled", Kind.CANCELED),
        Status("timeout", "timed out", Kind.LAPSED),
    )
}

FILTERABLE = (
    "PENDING_VERSION",
    "DELAYED",
    "QUEUED",
    "DEQUEUED",
    "EXECUTING",
    "WAITING",
    "COMPLETED",
    "CANCELED",
    "FAILED",
    "CRASHED",
    "SYSTEM_FAILURE",
    "EXPIRED",
    "TIMED_OUT",
)
"""The 13 names of the current Trigger.dev vocabulary, in the order of a run's life."""


def status(name: str) -> Status:
    """The status behind a server's word; an unknown word keeps its name and gets kind UNKNOWN."""
    known = _KNOWN.get(name)
    return known or Status(name, name.replace("_", " ").lower(), Kind.UNKNOWN)
