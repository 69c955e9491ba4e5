"""Schedules: which task starts when, declared in code or created through the API."""

from functools import cached_property

from trigdash.simulator.world import cron
from trigdash.simulator.world.ids import friendly, mix, seed_of
from trigdash.simulator.world.tasks import Task
from trigdash.simulator.world.texts import duration_ms

MINUTE_MS = 60_000
DAY_MS = 86_400_000


class Schedule:
    """A schedule of a scheduled task.

    `generation` counts changes of the times, so that starts planned before one are void.
    """

    def __init__(self, schedule_id: str, task_id: str, expression: str, kind: str):
        self.id = schedule_id
        self.task_id = task_id
        self.cron = expression
        self.kind = kind
        self.timezone = "UTC"
        self.active = True
        self.external_id: str | None = None
        self.deduplication_key: str | None = None
        self.window: str | None = None
        # A floor that the plan lays over the window (from 4.6).
        self.minimum_window_s: int | None = None
        self.created_ms = 0
        self.generation = 0

    @classmethod
    def declared(cls, task: Task, seed: int) -> "Schedule":
        """The schedule that a task's code declares."""
        return cls(
            f"sched_{friendly(mix(seed, seed_of(task.id)))}",
            task.id,
            task.cron or "",
            "DECLARATIVE",
        )

    @property
    def description(self) -> str:
        return cron.describe(self.cron)

    @cached_property
    def offset_ms(self) -> int:
        """Each schedule starts the same fraction of a minute late, to spread the load."""
        return mix(seed_of(self.id), 5) % MINUTE_MS

    @property
    def every_min(self) -> int:
        """Minutes between two starts, as they come next."""
        first_ms = self.next_after(self.created_ms)
        return max(1, (self.next_after(first_ms) - first_ms) // MINUTE_MS)

    def next_after(self, time_ms: int) -> int:
        """The first start strictly after a time, by the cron expression."""
        return cron.after(self.cron, self.timezone, time_ms)

    def last_before(self, time_ms: int) -> int | None:
        """The start before a time; None when the schedule is younger."""
        last_ms = cron.before(self.cron, self.timezone, time_ms)
        return last_ms if last_ms > self.created_ms else None

    def effective(self, due_ms: int) -> int:
        """When a due start really happens: slightly later, or within the window."""
        return due_ms + (self.offset_ms if self.window is None else self._within(due_ms))

    def _within(self, due_ms: int) -> int:
        text = self.window or ""
        if text.endswith("%"):
            length_ms = int((self.next_after(due_ms) - due_ms) * float(text[:-1]) / 100)
        else:
            length_ms = 0 if text == "0m" else duration_ms(text) or MINUTE_MS
        return self.offset_ms * length_ms // MINUTE_MS
