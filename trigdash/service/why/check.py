"""A check: one possible reason that a run does not move, and the surroundings that decide it."""

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
    """The result of a check."""

    HOLDS = "holds"
    RULED_OUT = "ruled out"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Check:
    """One possible reason that a run does not move."""

    code: str
    finding: Finding
    evidence: str
    """The evidence, with figures; for an unknown result, what is missing."""
    subject: str = ""
    """The subject: a queue, a limit, a token, a run."""
    act: str = ""
    """What can be done about it, in words; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings of a run. None means that a part could not be read; `refused` says why."""

    run: Run
    now: datetime
    identity: Identity | None = None
    queue_name: str = ""
    """As filters write it; empty if unknown."""
    concurrency_key: str = ""
    queue: Queue | None = None
    running: int | None = None
    """Executing runs in the environment."""
    same_key: int | None = None
    """Executing runs with the same queue and concurrency key."""
    ahead: int | None = None
    started_per_min: float | None = None
    limits: tuple[Limit, ...] | None = None
    tokens: tuple[WaitpointToken, ...] | None = None
    trace: Trace | None = None
    worker_connected: bool | None = None
    """Whether a dev worker is connected; read in development only."""
    usual_ms: float | None = None
    """The 95th percentile of the durations of the task's runs."""
    refused: dict[str, str] = field(default_factory=dict)
    """Part → why it could not be read, in words."""


def unknown(around: Surroundings, code: str, part: str) -> Check:
    return Check(code, Finding.UNKNOWN, around.refused.get(part, "not told by this server"))


def is_open(trace: Trace, row: int) -> bool:
    return trace.has(row, SpanFlag.PARTIAL)
