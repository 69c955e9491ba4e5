"""What a world keeps besides runs: releases, bulk actions, decisions, sessions, alerts, prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trigdash.simulator.world.ids import cuid, friendly, mix
from trigdash.simulator.world.runs import EnvironmentBase, Run

FINAL = frozenset({"DEPLOYED", "FAILED", "CANCELED", "TIMED_OUT"})
STATUSES = ("PENDING", "BUILDING", "DEPLOYING", "DEPLOYED", "FAILED", "CANCELED", "TIMED_OUT")
BUILD_MS = 48_000
"""From the order to build to being current, for deployments that no client makes."""

_SUBJECTS = (
    "fix: retry the CRM when it asks for patience", "feat: welcome mail in four languages",
    "perf: index documents in batches of 50", "chore: update dependencies",
    "fix: round taxes per line", "feat: approvals for refunds over 100",
    "refactor: one client for all webhooks", "docs: how to replay a batch",
)  # fmt: skip
_AUTHORS = ("Ada Example", "Ben Example", "Chloe Example")


@dataclass
class Release:
    """One deployment, however it ended."""

    version: str
    seed: int
    created_ms: int
    status: str
    tasks: tuple[str, ...]
    deployed_ms: int | None = None
    canceled_reason: str | None = None
    # What a client that built it said; otherwise made up from the seed.
    said_git: dict[str, object] | None = None
    external_id: str | None = None
    said_hash: str | None = None
    said_error: dict[str, str] | None = None

    @cached_property
    def id(self) -> str:
        return f"deployment_{friendly(self.seed)}"

    @cached_property
    def short_code(self) -> str:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"
        return "".join(digits[mix(self.seed, 7, n) % 36] for n in range(8))

    @property
    def content_hash(self) -> str:
        if self.said_hash is not None:
            return self.said_hash
        return f"{mix(self.seed, 8):016x}{mix(self.seed, 9):016x}"

    @property
    def order(self) -> tuple[int, int]:
        """How versions compare: by day, then by number."""
        day, _, number = self.version.partition(".")
        return int(day), int(number)

    @property
    def commit(self) -> str:
        if self.said_git is not None:
            return str(self.said_git.get("commitSha", ""))
        return "".join(f"{mix(self.seed, 10, n):016x}" for n in range(3))[:40]

    @property
    def git(self) -> dict[str, object]:
        """What the builder knew of the repository."""
        if self.said_git is not None:
            return self.said_git
        return {
            "dirty": False,
            "commitRef": "main",
            "commitSha": self.commit,
            "remoteUrl": "https://git.example.test/acme/jobs.git",
            "commitMessage": _SUBJECTS[self.seed % len(_SUBJECTS)],
            "commitAuthorName": _AUTHORS[(self.seed >> 8) % len(_AUTHORS)],
        }

    @property
    def error(self) -> dict[str, str] | None:
        """Why a build failed."""
        if self.status != "FAILED":
            return None
        if self.said_error is not None:
            return self.said_error
        return {
            "name": "BuildError",
            "message": "Failed to build project: cannot find module './mailer'",
            "stack": "BuildError: cannot find module './mailer'\n    at build (src/build.ts:88:11)",
            "stderr": "npm ERR! missing: mailer",
        }


class BulkAction:
    """One bulk action: which runs, how far it has come, and how it ended."""

    __slots__ = (
        "batch", "completed_ms", "created_ms", "ended_before", "failure", "id", "kind", "name",
        "region", "status", "success", "taken", "targets", "total",
    )  # fmt: skip

    def __init__(self, action_id: str, kind: str, targets: Sequence[Run], now_ms: int):
        self.id = action_id
        self.kind = kind
        self.targets = targets
        self.created_ms = now_ms
        self.completed_ms: int | None = None
        self.name: str | None = None
        self.region: str | None = None
        self.status = "PENDING"
        # Frozen at creation.
        self.total = len(targets)
        self.ended_before = {run.id for run in targets if run.is_final}
        self.taken = 0
        # Successes and failures of the batch at work: not in the figures yet.
        self.batch: list[bool] = []
        self.success = 0
        self.failure = 0

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


@dataclass(slots=True)
class Decision:
    """A user's decision about a group; without one it is unresolved."""

    status: str = "unresolved"
    resolved_ms: int | None = None
    resolved_in_version: str | None = None
    ignored_ms: int | None = None
    ignored_until_ms: int | None = None
    ignored_reason: str | None = None
    occurrence_rate: float | None = None
    total_occurrences: int | None = None


@dataclass(slots=True)
class Session:
    """One session and the run that serves it now."""

    id: str
    kind: str
    task_id: str
    trigger_config: dict[str, Any]
    created_ms: int
    updated_ms: int
    external_id: str | None = None
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    expires_ms: int | None = None
    closed_ms: int | None = None
    closed_reason: str | None = None
    run: Run | None = None

    def status(self, now_ms: int) -> str:
        """ACTIVE until it is closed or expires."""
        if self.closed_ms is not None:
            return "CLOSED"
        expired = self.expires_ms is not None and self.expires_ms <= now_ms
        return "EXPIRED" if expired else "ACTIVE"

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


def session_id(since_start_ms: int, count: int, seed: int) -> str:
    return f"session_{cuid(since_start_ms, count, mix(seed, 91))}"


@dataclass(slots=True)
class AlertEvent:
    """Something that happened to an alert."""

    id: str
    alert_id: str
    kind: str
    at_ms: int
    facts: dict[str, Any]


@dataclass(slots=True)
class Alert:
    """A monitoring alert of an environment, and its events, oldest first."""

    id: str
    env: EnvironmentBase
    capability: str
    params: dict[str, Any]
    condition: dict[str, Any]
    created_ms: int
    updated_ms: int
    name: str | None = None
    notifiers: list[Any] = field(default_factory=list)
    expires_ms: int | None = None
    needs_attention: bool = False
    events: list[AlertEvent] = field(default_factory=list)

    def lifecycle(self, now_ms: int) -> str:
        """`active` until it expires."""
        expired = self.expires_ms is not None and self.expires_ms <= now_ms
        return "expired" if expired else "active"

    def add_event(self, kind: str, now_ms: int, facts: dict[str, Any]) -> AlertEvent:
        """Log an event; after `triggered` the alert needs attention."""
        event = AlertEvent(f"{self.id}_{len(self.events) + 1}", self.id, kind, now_ms, facts)
        self.events.append(event)
        self.updated_ms = now_ms
        self.needs_attention = self.needs_attention or kind == "triggered"
        return event


@dataclass(slots=True)
class PromptVersion:
    """One text of a prompt."""

    number: int
    text: str
    model: str
    created_ms: int
    source: str = "code"
    message: str | None = None


@dataclass(slots=True)
class Prompt:
    """A prompt: an override counts, else the promoted version, else the newest of the code."""

    id: str
    slug: str
    description: str
    model: str
    versions: list[PromptVersion]
    promoted: int | None = None
    override: int | None = None

    @property
    def current(self) -> PromptVersion:
        coded = [each.number for each in self.versions if each.source == "code"]
        number = self.override or self.promoted or coded[-1]
        return next(each for each in self.versions if each.number == number)
