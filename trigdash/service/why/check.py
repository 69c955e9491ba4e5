"""A check: one thing that may hold a run, and what is known around the run to decide it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from trigdash.model.span_event import SpanFlag

if TYPE_CHECKING:
    from trigdash.model.environment import Identity
    from trigdash.model.inputs import WaitpointToken
    from trigdash.model.queue import Limit, Queue
    from trigdash.model.run import Run
    from trigdash.model.trace import Trace


class Finding(Enum):
    """What a check came to."""

    HOLDS = "holds"
    RULED_OUT = "ruled out"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may hold a run."""

    code: str
    finding: Finding
    evidence: str
    """What was seen, with its figures; for an unknown one, what is missing."""
    subject: str = ""
    """What it is about: a queue, a limit, a token, a run."""
    act: str = ""
    """What can be done about it, in words; empty where there is nothing."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a run. None means that it could not be read; `refused` says why."""

    run: Run
    now: datetime
    identity: Identity | None = None
    queue_name: str = ""
    """As filters write it; empty where it is not known."""
    concurrency_key: str = ""
    queue: Queue | None = None
    running: int | None = None
    """Runs at work in the environment."""
    same_key: int | None = None
    """Runs at work with the same queue and key."""
    ahead: int | None = None
    started_per_min: float | None = None
    limits: tuple[Limit, ...] | None = None
    tokens: tuple[WaitpointToken, ...] | None = None
    trace: Trace | None = None
    worker_connected: bool | None = None
    """Whether a dev worker is; asked in development only."""
    usual_ms: float | None = None
    """The 95th percentile of how long runs of the task take."""
    refused: dict[str, str] = field(default_factory=dict)
    """Part → why it could not be read, in words."""


def unknown(around: Surroundings, code: str, part: str) -> Check:
    return Check(code, Finding.UNKNOWN, around.refused.get(part, "not told by this server"))


def is_open(trace: Trace, row: int) -> bool:
    return trace.has(row, SpanFlag.PARTIAL)
