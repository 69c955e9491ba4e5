"""How a queue is doing, in one word; trouble first."""

from enum import Enum

from trigdash.model.queue import Queue
from trigdash.service.outlook import Trend
from trigdash.service.queues import Block


class Health(Enum):
    """What to make of a queue. The order is that of urgency."""

    STALLED = "stalled"
    """Runs wait, none runs and none has started for a while, and nobody paused it."""
    BLOCKED = "blocked"
    """Its limit is 0: nothing can start."""
    BACKLOGGED = "backlogged"
    """Runs come in faster than they leave, or many more wait than run."""
    AT_LIMIT = "at limit"
    """Every place is taken and runs wait, but they do leave."""
    PAUSED = "paused"
    """The queue is paused, or its environment with something in it."""
    ACTIVE = "active"
    IDLE = "idle"

    @property
    def role(self) -> str:
        """The role of the word."""
        return _ROLES[self]

    @property
    def rank(self) -> int:
        """For sorting: 0 is the most urgent."""
        return _ORDER[self]


_ROLES = {
    Health.STALLED: "bad-strong",
    Health.BLOCKED: "bad-strong",
    Health.BACKLOGGED: "warn-strong",
    Health.AT_LIMIT: "warn",
    Health.PAUSED: "dim",
    Health.ACTIVE: "good",
    Health.IDLE: "faint",
}
_ORDER = {health: rank for rank, health in enumerate(Health)}

DEEP = 20
"""A queue in which this many times more runs wait than may run at once is backlogged unless it
drains: at one a minute per place the last would start in twenty minutes."""


def health(queue: Queue, trend: Trend = Trend.UNKNOWN, block: Block | None = None) -> Health:
    """The health of a queue; the trend comes from watching it over minutes."""
    if block is Block.LIMIT:
        return Health.BLOCKED
    if block is Block.QUEUE or (block is Block.ENVIRONMENT and queue.queued):
        return Health.PAUSED
    if not queue.queued:
        return Health.ACTIVE if queue.running else Health.IDLE
    if trend is Trend.STALLED and not queue.running:
        return Health.STALLED
    limit = queue.concurrency_limit
    places = max(limit if limit is not None else queue.running, 1)
    is_deep = queue.queued > DEEP * places
    if trend is Trend.GROWING or (is_deep and trend is not Trend.DRAINING):
        return Health.BACKLOGGED
    if limit is not None and queue.running >= limit:
        return Health.AT_LIMIT
    return Health.ACTIVE
