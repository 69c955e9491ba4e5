"""What is known of one run, put together from its four sources. Pure, no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trigdash.model.attempts import Attempt, attempts_of
from trigdash.model.moment import moment_of
from trigdash.model.span_event import SpanKind
from trigdash.model.span_times import SpanTimes
from trigdash.presentation.run.timeline import Interval, Stage, end_of, stages_of, waits_of

if TYPE_CHECKING:
    from trigdash.model.event import EventLog
    from trigdash.model.run import Run, RunFacts
    from trigdash.model.trace import Trace


class RunView:
    """A run with its trace and its log, as far as they have been read."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self.trace: Trace | None = None
        self.log: EventLog | None = None
        self._attempts: tuple[Attempt, ...] | None = None
        self._times: SpanTimes | None = None
        self._waits: tuple[SpanTimes, list[Interval]] | None = None

    def take_run(self, run: Run | None) -> None:
        """The run arrived, or changed."""
        if run is not self.run:
            self.run = run
            self._attempts = self._times = None

    def take_trace(self, trace: Trace | None) -> None:
        """The trace arrived, or changed."""
        if trace is not self.trace:
            self.trace = trace
            self._attempts = self._times = None

    def take_log(self, log: EventLog | None) -> None:
        """The log arrived, or changed."""
        if log is not self.log:
            self.log = log
            self._attempts = None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The run's attempts, as far as known."""
        if self._attempts is None and self.run is not None:
            self._attempts = attempts_of(self.run, self.trace, self.log)
        return self._attempts or ()

    @property
    def times(self) -> SpanTimes | None:
        """When the spans of the trace began and ended."""
        if self._times is None and self.trace is not None:
            self._times = SpanTimes(self.trace, self._run_ends(), self._not_begun())
        return self._times

    def stages(self, now_ns: int) -> list[Stage]:
        """The stages of the run's life up to now."""
        if self.run is None:
            return []
        return stages_of(self.run, self.attempts, self._waits_until(now_ns), now_ns)

    def _waits_until(self, now_ns: int) -> list[Interval]:
        """When the run waited; of a trace that is over it is found out once, not each second."""
        times = self.times
        if times is None or not len(times.trace):
            return []
        if times.is_live:
            return waits_of(self.run_id, times, now_ns)
        if self._waits is None or self._waits[0] is not times:
            self._waits = (times, waits_of(self.run_id, times, now_ns))
        return self._waits[1]

    def innermost_message(self, *kinds: SpanKind) -> str:
        """The message of the innermost span of some kinds in which the run is; empty for none."""
        times = self.times
        if times is None:
            return ""
        trace = times.trace
        for row in reversed(times.open_rows):
            if trace.kind[row] in kinds and trace.run_id(row) == self.run_id:
                return trace.messages[row]
        return ""

    def family(self) -> list[RunFacts]:
        """Root, parent, the run itself and its children, each once, as far as they are known."""
        if self.run is None:
            return []
        related = self.run.related_runs
        members = [related.root, related.parent, self.run, *related.children]
        by_id = {member.id: member for member in members if member is not None}
        return list(by_id.values())

    def start_ns(self) -> int:
        """The moment that times in the run count from: its creation, or the beginning of its own
        span. Recorded: that is a few milliseconds before, and a scheduled run is created ahead."""
        told = []
        if self.run is not None:
            told.append(moment_of(self.run.created_at))
        if self.log is not None and len(self.log):
            told.append(self.log.start_ns[0])
        if self.trace is not None and len(self.trace) and self.trace.run_id(0) == self.run_id:
            told.append(self.trace.start_ns[0])
        return min((at_ns for at_ns in told if at_ns), default=0)

    @property
    def run_end_ns(self) -> int | None:
        """When the run ended; None while it has not, or while that is not known."""
        run = self.run
        return end_of(run) if run is not None and run.status.is_final else None

    def _not_begun(self) -> set[str]:
        """Runs of the family that no worker has begun."""
        return {
            member.id
            for member in self.family()
            if member.started_at is None or member.status.word == "dequeued"
        }

    def _run_ends(self) -> dict[str, int]:
        """Ends of the runs of the family that are over."""
        return {
            member.id: moment_of(member.finished_at)
            for member in self.family()
            if member.finished_at is not None and member.status.is_final
        }
