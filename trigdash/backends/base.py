"""The Backend protocol: reads, actions and capabilities, and the errors it may raise.

Backends raise nothing else on purpose. Any other exception is a bug and may end the program. This
module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar

from trigdash.backends.errors import (
    BackendError as BackendError,
)
from trigdash.backends.errors import (
    BadKey as BadKey,
)
from trigdash.backends.errors import (
    CannotReach as CannotReach,
)
from trigdash.backends.errors import (
    Forbidden as Forbidden,
)
from trigdash.backends.errors import (
    InvalidRequest as InvalidRequest,
)
from trigdash.backends.errors import (
    LinkRefused as LinkRefused,
)
from trigdash.backends.errors import (
    Misconfigured as Misconfigured,
)
from trigdash.backends.errors import (
    NotFound as NotFound,
)
from trigdash.backends.errors import (
    RateLimited as RateLimited,
)
from trigdash.backends.errors import (
    Refused as Refused,
)
from trigdash.backends.errors import (
    ServerError as ServerError,
)
from trigdash.backends.errors import (
    TooManyAtOnce as TooManyAtOnce,
)
from trigdash.backends.errors import (
    TooWide as TooWide,
)
from trigdash.backends.errors import (
    Unreadable as Unreadable,
)
from trigdash.backends.errors import (
    Unsupported as Unsupported,
)
from trigdash.backends.errors import (
    WrongAddress as WrongAddress,
)
from trigdash.model.capability import Capability, RateBudget, Reach

if TYPE_CHECKING:
    from trigdash.backends.operation import Operation
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.environment import Environment, Identity, Project
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.event import EventLog
    from trigdash.model.feed import Feed, FeedAnswer, FeedPosition
    from trigdash.model.queue import Queue, QueueMetrics, QueuesPage
    from trigdash.model.run import Run, TriggeredRun
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunsPage
    from trigdash.model.span import SpanDetail
    from trigdash.model.trace import Trace

T = TypeVar("T")

Json = object
"""Any JSON value."""

polling: ContextVar[bool] = ContextVar("polling", default=False)
"""True in the context of a read that nobody waits for. The poller sets it around periodic fetches,
but not around the first load of a query or a refresh by the user. Polls wait at the rate gate and
pause when the bucket is nearly empty; other reads hardly wait."""

retried_by_caller: ContextVar[bool] = ContextVar("retried_by_caller", default=False)
"""True in the context of a read that its caller repeats when it fails, as the poller does. Then the
client retries little, and reports a wait that the server requests instead of waiting, so that the
screen can say until when."""


class Backend(Protocol):
    """Answers reads and performs actions on one environment. Raises BackendError only."""

    @property
    def name(self) -> str:
        """The name of the system: `trigger`, `workflow`, `recoup`."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    def disabled_reason(self, capability: Capability) -> str:
        """Why a capability is missing, for the user: "the Recoup API is read-only"."""
        ...

    @property
    def reach(self) -> Reach:
        """How far back an unfiltered run list goes."""
        ...

    @property
    def budget(self) -> RateBudget:
        """The rate limit as of the last answer."""
        ...

    async def call(self, operation: Operation[T]) -> T:
        """Send an operation, and return its answer. Raises Unsupported before anything is sent if
        the operation is not offered."""
        ...

    @property
    def clock_ahead_s(self) -> float:
        """The least number of seconds by which this machine's clock is ahead of the server's, from
        its latest answer; negative when it is behind, 0 when unknown."""
        ...

    async def identity(self) -> Identity:
        """Who and where we are: project, environment, whether it is production, dashboard."""
        ...

    async def projects(self) -> tuple[Project, ...]: ...

    async def environments(self, project: str | None = None) -> tuple[Environment, ...]:
        """The environments of a project by its `proj_…`; without one, of the current project."""
        ...

    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        """A page of runs, newest first; `after` is a cursor to older ones."""
        ...

    async def run(self, run_id: str) -> Run: ...

    async def listen(self, feed: Feed, after: FeedPosition | None) -> FeedAnswer:
        """The news of a feed: everything at first, later the changes since a position, as soon as
        there are any or when the server ends its wait."""
        ...

    async def trace(self, run_id: str) -> Trace: ...

    async def events(self, run_id: str) -> EventLog: ...

    async def span(self, run_id: str, span_id: str) -> SpanDetail: ...

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """A presigned document: https only (or loopback), no credentials sent, capped in size."""
        ...

    async def queues(self, page: int = 1, size: int = 100) -> QueuesPage: ...

    async def queue(self, name: str, kind: str) -> Queue: ...

    async def queue_metrics(self, name: str, kind: str, period: str) -> QueueMetrics: ...

    async def batch(self, batch_id: str) -> Batch: ...

    async def error_groups(self) -> tuple[ErrorGroup, ...]: ...

    async def query(self, statement: str, period: str | None = None) -> list[dict[str, Json]]:
        """Rows of a TRQL statement."""
        ...

    # Writes. Only cancel, tag, metadata and the queue settings may be sent twice.

    async def cancel(self, run_id: str) -> None: ...

    async def replay(self, run_id: str) -> str:
        """Start the run again, and return the new run's id. Never sent twice."""
        ...

    async def retry(self, run_id: str) -> str: ...

    async def restart(
        self, run_id: str, step: str, overrides: Mapping[str, Json] | None
    ) -> str: ...

    async def add_tags(self, run_id: str, tags: Sequence[str]) -> str:
        """Add tags, and return the server's message."""
        ...

    async def reschedule(self, run_id: str, delay: str) -> None:
        """Move a delayed run to a duration from now or an ISO time. Never sent twice."""
        ...

    async def edit_metadata(
        self, run_id: str, changed: Mapping[str, Json], removed: Sequence[str]
    ) -> None:
        """Set keys of a run's metadata and remove others; the rest stays as it is."""
        ...

    async def trigger(self, task: str, payload: Json, options: Mapping[str, Json]) -> TriggeredRun:
        """Start a new run of a task. Never sent twice."""
        ...

    async def pause_queue(self, queue_id: str, paused: bool) -> Queue: ...

    async def override_limit(self, queue_id: str, limit: int) -> Queue: ...

    async def reset_limit(self, queue_id: str) -> Queue: ...

    async def start_bulk(
        self, action: str, run_ids: Sequence[str] | None, run_filter: RunFilter | None
    ) -> str:
        """Start a bulk `cancel` or `replay` by ids (at most 500) or by filter, and return its id.
        Never sent twice."""
        ...

    async def bulk(self, bulk_id: str) -> BulkAction: ...

    async def abort_bulk(self, bulk_id: str) -> None: ...

    async def aclose(self) -> None: ...
