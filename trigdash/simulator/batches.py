"""Batches: runs that were triggered together."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trigdash.simulator.runs import Run


class Batch:
    """A batch. `style` is the way it was made, on which its answers depend.

    `v1` (`POST /api/v1/tasks/batch` and `/tasks/{id}/batch`) stays PENDING for ever (recorded);
    `v2` and `v3` become COMPLETED when every run has ended, however it ended; `v3` is streamed:
    PROCESSING while its items are turned into runs, then PENDING again.
    """

    __slots__ = (
        "created_ms", "id", "idempotency_key", "items", "open_runs", "parent", "processed_ms",
        "run_count", "runs", "sealed", "status", "style", "updated_ms",
    )  # fmt: skip

    def __init__(self, batch_id: str, style: str, run_count: int, now_ms: int):
        self.id = batch_id
        self.style = style
        self.run_count = run_count
        self.created_ms = now_ms
        self.updated_ms = now_ms
        self.status = "PENDING"
        self.idempotency_key: str | None = None
        self.runs: list[Run] = []
        self.open_runs = 0
        self.parent: Run | None = None
        self.sealed = style != "v3"
        self.processed_ms: int | None = None
        # Items of a streamed batch that are not yet runs, by their index.
        self.items: dict[int, Mapping[str, Any]] = {}

    def add(self, run: "Run") -> None:
        self.runs.append(run)
        self.open_runs += 1

    def run_ended(self, now_ms: int) -> None:
        """One of the runs reached a final status."""
        self.open_runs -= 1
        whole = self.sealed and len(self.runs) >= self.run_count
        if not self.open_runs and whole and self.style != "v1":
            self.status = "COMPLETED"
            self.updated_ms = now_ms
