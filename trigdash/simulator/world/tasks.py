"""Tasks: what a deployed worker can run, as data. The catalog is in `catalog.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trigdash.simulator.world.limits import Concurrency
from trigdash.simulator.world.steps import STOPS, Step

PRESETS = ("micro", "small-1x", "small-2x", "medium-1x", "medium-2x", "large-1x", "large-2x")
# Cents for a second of compute.
CENTS_PER_S = dict(
    zip(PRESETS, (0.00169, 0.00338, 0.00675, 0.0085, 0.017, 0.034, 0.068), strict=True)
)


@dataclass(frozen=True, slots=True)
class TaskError:
    """A way to fail: the error that the code throws. `{…}` in the message is filled by seed.

    `place` is the function in its stack, `at` the beginning of the step that it breaks: the last
    one that does any work, unless it says another.
    """

    name: str
    message: str
    place: str
    thrown: str = "error"
    # Name and message of each error behind it, outermost first.
    causes: tuple[tuple[str, str], ...] = ()
    at: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One task. Times are the median and the spread of a lognormal, in milliseconds.

    `limit` is the limit of its V1 queue. A task that declares `concurrency` has a V2 queue on
    servers from 4.7 on, and a V1 queue with `limit` on older ones.
    """

    id: str
    file: str
    weight: float
    median_ms: int
    spread: float = 0.5
    queue: str = ""
    limit: int | None = None
    concurrency: Concurrency | None = None
    keyed: bool = False
    machine: str = "small-1x"
    steps: tuple[Step, ...] = ()
    faults: tuple[TaskError, ...] = ()
    failure: float = 0.04
    crash: float = 0.0
    timeout: float = 0.0
    attempts: int = 3
    retry_ms: int = 1_000
    max_duration_s: int | None = None
    ttl: str | None = None
    ttl_share: float = 0.0
    tags: tuple[str, ...] = ()
    payload: object = field(default_factory=dict)
    output: object = None
    metadata: Mapping[str, object] | None = None
    # The JSON Schema of the payload, where the code declares one.
    schema: Mapping[str, object] | None = None
    batched: tuple[int, int] | None = None
    cron: str | None = None
    # Whether the body waits for anything or triggers runs.
    has_stops: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        stops = any(step.kind in STOPS for step in self.steps)
        object.__setattr__(self, "has_stops", stops)

    def broken_step(self, fault: TaskError) -> int | None:
        """The place in the body of the step that a fault breaks; steps that wait never do."""
        working = [
            number
            for number, step in enumerate(self.steps)
            if step.weight and step.text.startswith(fault.at)
        ]
        return working[-1] if working else None

    @property
    def source(self) -> str:
        return "SCHEDULED" if self.cron else "STANDARD"

    @property
    def queue_name(self) -> str:
        return self.queue or f"task/{self.id}"
