"""What a scenario is made of: data that the world plays.

Minutes count from the start of the simulator; negative ones lie in its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trigdash.simulator.world.tasks import Task, TaskError

# The ways a run gets stuck on purpose; a run without one takes its normal course.
HANGS = "hangs"
"""Executes forever and logs nothing."""
NEVER_STARTS = "never starts"
"""Is dequeued, but its worker never starts."""
WAITS_FOR_EVER = "waits forever"
"""Waits for a token that is never completed, or for a time far away."""
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
class Plant:
    """A cause that a scenario planted: what a client that asks "why" or "what now" should find.

    `kind` is what the subject is: `run`, `queue`, `limit`, `environment`, `task`, `error`,
    `deployment`, `schedule` or `alert`.
    """

    code: str
    subject: str
    kind: str
    env: str
    at_min: float
    note: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """For some minutes, attempts of a task throw one error.

    A share of them, or with `when` those whose payload has one of some values in a field.
    `is_new` says that the error was never seen before, `schedule` that scheduled runs fail.
    """

    task: str
    fault: TaskError
    from_min: float
    to_min: float
    share: float = 1.0
    when: tuple[str, tuple[str, ...]] | None = None
    is_new: bool = True
    schedule: bool = False


@dataclass(frozen=True, slots=True)
class Extra:
    """Options of the runs of an event; `{n}` in `queue` is their number."""

    delay_min: float = 0
    external: str | None = None
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
    environment`, `resume environment`, `environment limit`, `disconnect`, `pause limit` or
    `alert`. `env` is another environment than the main one. `note` says it in words. `plants`
    are the causes that it plants: a code, and a subject unless it is the last id of the event.
    """

    at_min: float
    what: str
    name: str = ""
    number: int = 1
    extra: Extra = field(default_factory=Extra)
    env: str = ""
    note: str = ""
    plants: tuple[tuple[str, str], ...] = ()


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
    # Whether each error of the tasks occurred once some days ago, so that none of them is new.
    past_errors: bool = False
    usual: Usual = field(default_factory=Usual)
    incidents: tuple[Incident, ...] = ()
    events: tuple[ScenarioEvent, ...] = ()
