"""What a backend is: reads, actions, capabilities, and the errors it may raise.

    BackendError
    ├── CannotReach        no answer: refused, timed out, cut off, TLS
    ├── Unsupported        nothing was sent: this backend or this profile does not do that
    ├── Misconfigured      nothing can be sent: a setting of this machine cannot be used
    ├── Unreadable         an answer that is not what the API promises
    └── Refused            the server answered and said no (carries a status)
        ├── BadKey             401
        ├── Forbidden          403
        ├── NotFound           404
        │   └── WrongAddress       not the API that was meant
        ├── InvalidRequest     400, 409, 413, 422 …
        │   └── TooWide            422 of a list: too much to look through
        ├── LinkRefused        an object store does not give what a link names
        ├── RateLimited        429: too many requests
        ├── TooManyAtOnce      429 while the rate limit is not spent
        └── ServerError        5xx

Backends raise nothing else on purpose; whatever else escapes is a bug and may end the program.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from typing_extensions import override

from trigdash.model.capability import Capability, RateBudget, Reach

if TYPE_CHECKING:
    from trigdash.backends.operation import Operation
    from trigdash.model.batch import Batch
    from trigdash.model.bulk import BulkAction
    from trigdash.model.environment import Environment, Identity, Project
    from trigdash.model.error_group import ErrorGroup
    from trigdash.model.event import EventLog
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
"""True in the context of a read that nobody waits for. The poller sets it around its periodic
fetches, and not around the first load of a query or a refresh that the user asked for: polls wait
at the rate gate and stand still when the bucket is nearly empty, the others hardly wait."""

retried_by_caller: ContextVar[bool] = ContextVar("retried_by_caller", default=False)
"""True in the context of a read that its caller repeats when it fails, as the poller does. Then the
client tries little by itself and reports a wait that the server asks for instead of waiting, so
that the screen can say until when."""


class BackendError(Exception):
    """A request that did not give what was asked. `str()` is the server's own text, if any."""

    status: int | None = None
    """HTTP status, where there was an answer."""
    outcome_unknown = False
    """True when a write may have happened although no answer came: it must not be sent again."""
    may_pass = False
    """True when the same request may succeed a little later: no answer, 408, 429, 5xx."""
    retry_at: datetime | None = None
    """When the server asks to be asked again: `Retry-After`, or the reset of a rate limit."""

    def __init__(
        self, text: str = "", *, status: int | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.outcome_unknown = outcome_unknown

    def message(self) -> str:
        """What to tell the user: short, lower case, no jargon, no secret."""
        return "something went wrong"


class CannotReach(BackendError):
    """No answer: connection refused, timed out, cut off, name or certificate trouble."""

    may_pass = True
    what = "the server"

    @override
    def message(self) -> str:
        return f"cannot reach {self.what}{f' ({self.text})' if self.text else ''}"


class Unsupported(BackendError):
    """Nothing was sent: this backend has no such thing, or the profile is read-only."""

    @override
    def message(self) -> str:
        return self.text or "not available here"


class Misconfigured(BackendError):
    """Nothing can be sent: an address, a proxy or a certificate file that is set on this machine
    cannot be used. The text names the setting and its value."""

    @override
    def message(self) -> str:
        return self.text


class Unreadable(BackendError):
    """A success status with a body that is not what the API promises."""

    @override
    def message(self) -> str:
        return f"cannot read the server's answer{f' ({self.text})' if self.text else ''}"


class Refused(BackendError):
    """The server answered and said no."""

    @override
    def message(self) -> str:
        return f"server says {self.status}{f': {self.text}' if self.text else ''}"


class BadKey(Refused):
    """401: the key is wrong, revoked, or of another kind."""

    @override
    def message(self) -> str:
        # Recorded: a preview key without its branch is refused as if it were wrong.
        why = f": {self.text}" if "branch" in self.text.lower() else ""
        return f"the server does not accept this key (401{why})"


class Forbidden(Refused):
    """403: the key is valid and lacks the permission."""

    @override
    def message(self) -> str:
        return f"this key may not do that (403{f': {self.text}' if self.text else ''})"


class NotFound(Refused):
    """404: it does not exist, or not in this environment, or not on this server."""

    @override
    def message(self) -> str:
        # Recorded: the server often says just that.
        says_more = self.text.lower().rstrip(".") not in ("", "not found")
        return f"not found{f' ({self.text})' if says_more else ''}"


class WrongAddress(NotFound):
    """A server that answers, and not as the API would. The text names what sets the address."""

    @override
    def message(self) -> str:
        return self.text


class InvalidRequest(Refused):
    """400, 409, 413, 422: the server understood and refused."""

    @override
    def message(self) -> str:
        return f"the server refused: {self.text or self.status}"


class TooWide(InvalidRequest):
    """422 of a list: the server would have to look through too much. A narrower window helps."""

    @override
    def message(self) -> str:
        return "the window is too wide for the server (422): narrow it, such as since:1h"


class RateLimited(Refused):
    """429: the server takes no more requests for now."""

    @override
    def message(self) -> str:
        return "the rate limit is spent (429)"


class TooManyAtOnce(Refused):
    """429 though the rate limit is not spent: the server does only so many of a kind at a time
    (recorded: three bulk replays)."""

    @override
    def message(self) -> str:
        return f"the server is busy: {self.text or 'too many of this kind at a time (429)'}"


class ServerError(Refused):
    """5xx."""


class LinkRefused(Refused):
    """A presigned link that leads to nothing: it lives for minutes, and the next one may do."""

    @override
    def message(self) -> str:
        if self.status is not None and self.status >= 500:
            return f"the object store fails ({self.status})"
        return f"the object store refuses the link ({self.status}); it may have expired"


class Backend(Protocol):
    """Answers reads and performs actions on one environment. Raises BackendError only."""

    @property
    def name(self) -> str:
        """Of the system: `trigger`, `workflow`, `recoup`."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    def disabled_reason(self, capability: Capability) -> str:
        """Why a capability is absent, for the user: "the Recoup API is read-only"."""
        ...

    @property
    def reach(self) -> Reach:
        """How far back an unnarrowed run list goes."""
        ...

    @property
    def budget(self) -> RateBudget:
        """The rate limit as of the last answer."""
        ...

    async def call(self, operation: Operation[T]) -> T:
        """Send an operation; its answer. Unsupported, and nothing sent, where it is not offered."""
        ...

    @property
    def clock_ahead_s(self) -> float:
        """Seconds by which this machine's clock is at least ahead of the server's, as its latest
        answer says; below 0 when it is behind, and 0 when nobody can tell."""
        ...

    async def identity(self) -> Identity:
        """Who and where we are: project, environment, whether it is production, dashboard."""
        ...

    async def projects(self) -> tuple[Project, ...]: ...

    async def environments(self, project: str | None = None) -> tuple[Environment, ...]:
        """Of a project by its `proj_…`; of the one that we are in without."""
        ...

    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        """A page of runs, newest first; `after` is a cursor to older ones."""
        ...

    async def run(self, run_id: str) -> Run: ...

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
        """Start the run again; the new run's id. Never sent twice."""
        ...

    async def retry(self, run_id: str) -> str: ...

    async def restart(
        self, run_id: str, step: str, overrides: Mapping[str, Json] | None
    ) -> str: ...

    async def add_tags(self, run_id: str, tags: Sequence[str]) -> str:
        """Add tags; the server's own words on what it did."""
        ...

    async def reschedule(self, run_id: str, delay: str) -> None:
        """Move a delayed run to a duration from now or an ISO time. Never sent twice."""
        ...

    async def edit_metadata(
        self, run_id: str, changed: Mapping[str, Json], removed: Sequence[str]
    ) -> None:
        """Set keys of a run's metadata and remove others; what is not named stays as it is."""
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
        """Start a bulk `cancel` or `replay` by ids (at most 500) or by filter; its id. Never sent
        twice."""
        ...

    async def bulk(self, bulk_id: str) -> BulkAction: ...

    async def abort_bulk(self, bulk_id: str) -> None: ...

    async def aclose(self) -> None: ...
