"""Sessions: a lasting identity for a conversation, whatever runs serve it."""

from dataclasses import dataclass, field
from typing import Any

from trigdash.simulator.ids import cuid, mix
from trigdash.simulator.runs import Run


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
