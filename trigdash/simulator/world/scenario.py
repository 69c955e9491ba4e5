"""What a scenario is made of: data that the world plays. The scenarios are in `scenario.py`.

Minutes count from the start of the simulator; negative ones lie in its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trigdash.simulator.world.tasks import Fault, Task

# The ways a run gets stuck on purpose; a run without one takes its normal course.
HANGS = "hangs"
"""Executes forever and logs nothing."""
NEVER_STARTS = "never starts"
"""Is dequeued, but its worker never begins."""
WAITS_FOR_EVER = "waits for ever"
"""Waits for a token that nobody completes."""
CHILD_HANGS = "child hangs"
"""Waits for child runs, the first of which hangs."""
RETRIES_LATE = "retries late"
"""Fails, and tries again only after hours."""

FOR_EVER_MS = 30 * 86_400_000
LATE_RETRY_MS = 2 * 3_600_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Something that happened or will: when (minutes from the start), where, what, to which ids."""

    at_min: float
    env: str
    text: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """For some minutes, a share of a task's attempts throws one error."""

    task: str
    fault: Fault
    from_min: float
    to_min: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Extra:
    """Options of the runs of an event; `{n}` in `queue` is their number."""

    delay_min: float = 0
    test: bool = False
    ttl: str | None = None
    key: str | None = None
    queue: str | None = None
    tags: tuple[str, ...] = ()
    stall: str | None = None
    output_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ScenarioEvent:
    """Something that happens once; `scenarios/events.py` plays it.

    `what` is `deploy`, `trigger`, `batch`, `queues`, `pause`, `resume`, `limit`, `pause
    environment`, `resume environment` or `environment limit`. `env` is another environment than
    the main one. `note` says it in words.
    """

    at_min: float
    what: str
    name: str = ""
    number: int = 1
    extra: Extra = field(default_factory=Extra)
    env: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """The flow on usual days: what a health report calls normal."""

    start_p95_s: float = 60
    pending: float = 30
    per_min: float = 55


@dataclass(frozen=True, slots=True)
class Scenario:
    """One world. `interval_s` is the mean time between new runs now; the older history, of
    `history_days`, follows a daily rhythm with its peak at the start of the simulator."""

    name: str
    summary: str
    interval_s: float = 1.5
    history_days: float = 9
    recent_share: float = 0.4
    recent_hours: float = 6
    concurrency: int = 25
    weights: Mapping[str, float] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    batch_every_s: float = 150
    deploy_every_min: float = 0
    # A list without a beginning over more runs than this is refused as too expensive.
    most_unbounded: int | None = None
    usual: Usual = field(default_factory=Usual)
    incidents: tuple[Incident, ...] = ()
    events: tuple[ScenarioEvent, ...] = ()
