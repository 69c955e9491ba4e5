"""The answer for somebody who was just paged: findings, and what was checked. Pure.

Codes: `failing_more_than_usual`, `error_new_in_deployment`, `schedule_failed`, `alert`,
`queue_blocked`, `stuck_runs`, `near_limit`, `promoted`, `paused`, `overridden`,
`ignored_error_back`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from trigdash.model.moment import span_text


class Section(Enum):
    """The section of a finding, in the order of the screen."""

    FAILING = "failing more than usual"
    NOT_MOVING = "not moving"
    NEAR_LIMIT = "near a limit"
    CHANGED = "changed"


class Severity(Enum):
    """How urgent a finding is."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class NowFinding:
    """One thing that needs attention, or that changed."""

    code: str
    kind: str
    """What the subject is: task, error, queue, limit, environment, deployment, schedule, alert."""
    subject: str
    section: Section
    severity: Severity
    evidence: str
    """Figures with their window, in words."""
    since: datetime | None = None
    act: str = ""
    """What can be done, in words; empty if there is nothing to do but look."""
    title: str = ""
    """The subject's name, where its id says little."""
    write: str = ""
    """Name of the action for `act`; empty for none."""
    row: object = field(default=None, compare=False, repr=False)
    """The subject as it was read."""

    @property
    def name(self) -> str:
        """The name of the subject."""
        kind = f"{self.kind} " if self.kind in ("queue", "limit", "environment") else ""
        return self.title or f"{kind}{self.subject}"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One thing that was checked, or why it was not."""

    what: str
    said: str
    is_known: bool = True
    is_well: bool = True
    """False where its text is a warning."""


@dataclass(frozen=True, slots=True)
class Now:
    """The answer: what needs attention, worst first in each section, and what was checked."""

    at: datetime
    findings: tuple[NowFinding, ...]
    looked_at: tuple[LookedAt, ...]

    @property
    def is_critical(self) -> bool:
        """Whether anything needs attention at once."""
        return any(each.severity is Severity.CRITICAL for each in self.findings)

    @property
    def needing(self) -> tuple[NowFinding, ...]:
        """The findings that need attention, without mere news."""
        return tuple(each for each in self.findings if each.severity is not Severity.NOTICE)

    def of(self, section: Section) -> tuple[NowFinding, ...]:
        """The findings of a section."""
        return tuple(each for each in self.findings if each.section is section)


def oldest_text(since: datetime | None, at: datetime) -> str:
    """How long the oldest run has waited, as the end of a sentence; empty where none has waited
    long."""
    return f", oldest {span_text(at - since)}" if since is not None else ""
