"""Schedules: which task starts when.

The seeded ones repeat at a fixed number of minutes; their cron text says the same.
"""

from trigdash.simulator.ids import friendly, mix, seed_of
from trigdash.simulator.tasks import Task

MINUTE_MS = 60_000


class Schedule:
    """A declared schedule of a scheduled task, in UTC."""

    __slots__ = (
        "active", "cron", "deduplication_key", "description", "every_min", "external_id", "id",
        "kind", "offset_min", "task_id", "timezone",
    )  # fmt: skip

    def __init__(self, task: Task, seed: int):
        cron = task.cron or ""
        self.id = f"sched_{friendly(mix(seed, seed_of(task.id)))}"
        self.task_id = task.id
        self.cron = cron
        self.description, self.every_min, self.offset_min = PATTERNS[cron]
        self.kind = "DECLARATIVE"
        self.active = True
        self.timezone = "UTC"
        self.external_id: str | None = None
        self.deduplication_key: str | None = task.id

    def next_after(self, time_ms: int) -> int:
        """The first start strictly after `time_ms`."""
        period = self.every_min * MINUTE_MS
        offset = self.offset_min * MINUTE_MS
        return ((time_ms - offset) // period + 1) * period + offset


# Cron text: its description, how often, and how far from the epoch's grid.
PATTERNS = {
    "*/5 * * * *": ("Every 5 minutes", 5, 0),
    "15 * * * *": ("At 15 minutes past the hour", 60, 15),
    "0 2 * * *": ("At 02:00 AM", 1440, 120),
}
