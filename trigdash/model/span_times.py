"""When spans started and ended, corrected where the server's values are wrong.

A run's own span that ends more than 5 minutes after its creation claims a duration of about 0
(recorded: a run cancelled after 9.5 minutes), and spans whose worker was killed stay partial
forever. The run's own times are right.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping

from trigdash.model.moment import NS_PER_S
from trigdash.model.span_event import SpanFlag, SpanKind
from trigdash.model.trace import Trace

OPEN = -1
"""In place of an end: has not ended."""
TRAP_NS = 290 * NS_PER_S
"""The server replaces starts older than 5 minutes; a little less, for its clock's sake."""
CLAIM_NS = NS_PER_S
"""A claim below this is about 0."""


class SpanTimes:
    """Ends of all spans of a trace, corrected. Starts are the trace's own: they stay right."""

    def __init__(
        self,
        trace: Trace,
        run_ends: Mapping[str, int] | None = None,
        not_begun: Collection[str] = (),
    ) -> None:
        """`run_ends` has the end (nanoseconds) of each run that is known to have ended,
        `not_begun` the runs that are known to have never been at work."""
        self.trace = trace
        self.corrected: set[int] = set()
        """Rows of run spans whose claim was overruled."""
        self.unclosed: set[int] = set()
        """Rows that the server holds for partial although their run has ended."""
        self._ends = array("q", map(int.__add__, trace.start_ns, trace.duration_ns))
        self._run_ends = dict(run_ends or {})
        self.open_rows: list[int] = []
        """Rows of spans that have not ended, in order."""
        self._correct_runs()
        self._close_partial()
        self.queued_until = self._queues()
        """Where a run span's time in the queue ends: row → start of its first attempt."""
        self.queued: set[int] = set()
        """Rows of run spans that were or are in the queue from beginning to end."""
        for row in trace.rows_of_kind(SpanKind.RUN) if not_begun else ():
            if trace.run_id(row) in not_begun and not self._holds_work(row):
                self.queued.add(row)
        self._first = min(trace.start_ns, default=0)
        self._last = max(self._ends, default=0)  # OPEN is below every time
        self.last_sign_ns = self._last_sign()
        """When the trace was last heard of: its last beginning or end; 0 of an empty one."""

    @property
    def is_live(self) -> bool:
        """Whether some span has not ended, so that its bar grows with time."""
        return bool(self.open_rows)

    def is_open(self, row: int) -> bool:
        """Whether the span has not ended."""
        return self._ends[row] == OPEN

    def end_ns(self, row: int, now_ns: int) -> int:
        """The span's end; now for an open one."""
        end = self._ends[row]
        return end if end != OPEN else max(now_ns, self.trace.start_ns[row])

    def length_ns(self, row: int, now_ns: int) -> int:
        """How long the span took, or has taken so far."""
        return self.end_ns(row, now_ns) - self.trace.start_ns[row]

    def bounds_ns(self, now_ns: int) -> tuple[int, int]:
        """First start and last end of the whole trace."""
        return self._first, max(self._last, now_ns if self.open_rows else 0, self._first)

    def _last_sign(self) -> int:
        """What the platform polls for is no sign: it comes as regularly from a run that hangs."""
        trace, engine = self.trace, SpanKind.ENGINE.value
        times = zip(trace.kind, trace.start_ns, self._ends, strict=True)
        return max(
            (
                max(start, end)
                for row, (kind, start, end) in enumerate(times)
                if kind != engine or trace.is_engine_state(row)
            ),
            default=0,
        )

    def _correct_runs(self) -> None:
        trace, ends = self.trace, self._ends
        for row in trace.rows_of_kind(SpanKind.RUN):
            run_id, start = trace.run_id(row), trace.start_ns[row]
            if trace.has(row, SpanFlag.PARTIAL):
                continue
            if trace.duration_ns[row] < CLAIM_NS:
                end = max(self._run_ends.get(run_id, 0), self._last_of_run(row))
                if end - start > TRAP_NS:
                    ends[row] = end
                    self.corrected.add(row)
            self._run_ends.setdefault(run_id, ends[row])

    def _last_of_run(self, row: int) -> int:
        """The last end among spans of the same run below its own span."""
        trace, ends = self.trace, self._ends
        run = trace.run[row]
        below = range(row + 1, trace.subtree_end[row])
        return max((ends[at] for at in below if trace.run[at] == run), default=0)

    def _close_partial(self) -> None:
        trace = self.trace
        partial = SpanFlag.PARTIAL.value
        for row in [row for row, flags in enumerate(trace.flags) if flags & partial]:
            end = self._run_ends.get(trace.run_id(row))
            if end is None:
                self._ends[row] = OPEN
                self.open_rows.append(row)
            else:
                self._ends[row] = max(end, trace.start_ns[row])
                self.unclosed.add(row)

    def _holds_work(self, row: int) -> bool:
        """Whether anything but the engine's lines is below a span."""
        below = self.trace.kind[row + 1 : self.trace.subtree_end[row]]
        return any(kind != SpanKind.ENGINE for kind in below)

    def _queues(self) -> dict[int, int]:
        """Recorded: attempts are children of the run's span; a run without attempt spans still has
        the engine's line that says when it was started."""
        trace = self.trace
        until: dict[int, int] = {}
        lines: dict[int, int] = {}
        for row in trace.rows_of_kind(SpanKind.ATTEMPT):
            until.setdefault(trace.parent[row], trace.start_ns[row])
        for row in trace.rows_of_kind(SpanKind.ENGINE):
            if trace.messages[row].startswith("[engine] EXECUTING"):
                lines.setdefault(trace.parent[row], trace.start_ns[row])
        runs = set(trace.rows_of_kind(SpanKind.RUN))
        return {row: ns for row, ns in (lines | until).items() if row in runs}
