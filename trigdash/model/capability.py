"""What a backend can do, how far back it reaches, and what is left of its rate limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Capability(Enum):
    """One thing a backend can do. What is absent is shown disabled, with the reason."""

    CANCEL = "cancel"
    REPLAY = "replay"
    RETRY = "retry from a failed step"
    RESTART = "restart from a step"
    TAG = "tags"
    RESCHEDULE = "rescheduling"
    METADATA = "editing of metadata"
    TRIGGER = "triggering"
    TRACE = "trace"
    EVENTS = "events"
    STEPS = "steps"
    RELATED = "related runs"
    QUEUES = "queues"
    QUEUE_WRITES = "pausing or limiting of queues"
    BATCHES = "batches"
    BULK = "bulk actions"
    ERRORS = "error groups"
    QUERY = "query"
    PAGING = "older pages"
    ENVIRONMENTS = "environments"
    SCHEDULES = "schedules"
    SCHEDULE_WRITES = "changing of schedules"
    DEPLOYMENTS = "deployments"
    DEPLOYMENT_WRITES = "promoting of deployments"
    TOKENS = "waitpoint tokens"
    TOKEN_WRITES = "completing of waitpoint tokens"
    VARIABLES = "environment variables"
    VARIABLE_WRITES = "changing of environment variables"
    ERROR_WRITES = "resolving of errors"
    LIMITS = "concurrency limits"
    LIMIT_WRITES = "changing of concurrency limits"
    ALERTS = "alerts"
    ALERT_WRITES = "resolving of alerts"
    WEBHOOKS = "webhooks"
    WEBHOOK_WRITES = "replaying of webhook deliveries"
    SESSIONS = "sessions"
    SESSION_WRITES = "closing of sessions"
    ENVIRONMENT_WRITES = "pausing of environments"
    PROJECT_RUNS = "runs of all environments"
    TASKS = "tasks"
    HEALTH = "health reports"
    FEEDS = "realtime feeds"


WRITES = frozenset(
    {
        *(each for each in Capability if each.name.endswith("_WRITES")),
        *(Capability.CANCEL, Capability.REPLAY, Capability.RETRY, Capability.RESTART),
        *(Capability.TAG, Capability.RESCHEDULE, Capability.METADATA),
        *(Capability.TRIGGER, Capability.BULK),
    }
)
"""Everything that changes something: what a read-only profile does not offer."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a system's run list goes without a time window."""

    period: str | None = None
    """The look-back that the server applies silently, as the API writes it: `7d`. None: all."""
    newest: int | None = None
    """The most runs that the system ever lists; older ones cannot be read."""


@dataclass(frozen=True, slots=True)
class RateBudget:
    """What is known of the shared rate limit. All keys of an environment share one bucket."""

    limit: int | None = None
    """Bucket size (`x-ratelimit-limit`); None until a server said so."""
    remaining: int | None = None
    told_at: datetime | None = None
    """When a server said so last: the bucket fills and empties without us."""
    resets_at: datetime | None = None
    share: float = 0.1
    """The part of `limit`, a minute, that this program may use."""
    spent: int = 0
    """Requests that this program sent within the last minute."""
    slowdown: float = 1.0
    """Factor on every poll interval: above 1 when `remaining` fell below half."""
    stopped: bool = False
    """True below a tenth: polling pauses until the bucket refills."""
    closed_until: datetime | None = None
    """The server answered that it takes no request before then; None when it takes them."""
    closed_because: str = ""
    """What it said, as a sentence."""
