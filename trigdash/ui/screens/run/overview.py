"""The first tab: what happened to the run, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.model.status import Kind
from trigdash.presentation.cell import Cell
from trigdash.presentation.run.blockers import QueueBlockers
from trigdash.presentation.run.fields import FieldLines
from trigdash.presentation.run.overview import Shape, group_of, overview_lines
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.service.queues.query import QueueQuery, block_of
from trigdash.service.runs.detail import SURELY_OVER, TokensOfQuery, TraceQuery
from trigdash.service.runs.placement import CapacityQuery, RunPlacementQuery, period_since
from trigdash.service.runs.run_errors import ErrorGroupsQuery, Groups
from trigdash.service.runs.tree import RestartsQuery
from trigdash.service.why.query import WhyQuery
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.field_list import FieldList

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run import Run
    from trigdash.presentation.run.run_view import RunView
    from trigdash.service.cache.query import Query

STILL = timedelta(seconds=30)
"""A run that has not changed for less is on its way."""
REFUSALS = ("NotFound", "Forbidden", "InvalidRequest")
"""Problems that asking again does not mend."""


class OverviewPane(Pane):
    """Timeline, error, attempts, facts."""

    TAB: ClassVar[str] = "overview"
    KEY: ClassVar[str] = "d"
    TITLE: ClassVar[str] = "Overview"
    _all_frames = False
    _place_query: RunPlacementQuery | None = None

    def __init__(self, view: RunView) -> None:
        super().__init__(view)
        self._blockers = QueueBlockers()
        self._groups: Snapshot[Groups] = LOADING
        """The error groups there are."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield FieldList(id="overview")

    @override
    def queries(self) -> Iterable[Query[Any]]:
        # The attempts are read from the trace.
        if self.host.can(Capability.TRACE):
            yield TraceQuery(self.view.run_id)
        run = self.view.run
        if run is None:
            return
        if self.host.can(Capability.QUERY):
            yield self._placement_of(run)
            if run.status.word == "queued":
                yield from self._blocked_by()
        if self._stands_still(run):
            yield WhyQuery(run.id, self.host.session.clock)
        if run.status.kind is Kind.WAITING and self.host.can(Capability.TOKENS):
            yield TokensOfQuery(run.id)
        if run.status.is_final and (
            self.host.can(Capability.RETRY) or self.host.can(Capability.RESTART)
        ):
            yield RestartsQuery(run.id, run.task_identifier, run.created_at)
        if self._misses_group(run) and self.host.can(Capability.ERRORS):
            yield ErrorGroupsQuery()

    def _stands_still(self, run: Run) -> bool:
        """Whether a run has not changed for so long that one asks why: the checks cost requests."""
        if run.status.is_final or run.status.word == "delayed":
            return False
        return self.host.session.clock.now() - run.updated_at > STILL

    def _misses_group(self, run: Run) -> bool:
        """Whether to ask for error groups: once, and again while a young failure is in none yet.
        A run that was expired or canceled is in none."""
        is_bad = run.status.kind is Kind.FAILED or run.status.word == "timed out"
        known = self._groups
        if not is_bad or (known.problem is not None and known.problem.kind in REFUSALS):
            return False
        # An answer from before this tab was opened may be for another run.
        if known.data is None or not self._is_newer(known.fetched_at):
            return True
        age = self.host.session.clock.now() - (run.finished_at or run.updated_at)
        return age < SURELY_OVER and group_of(run, known.data) is None

    def _is_newer(self, moment: datetime | None) -> bool:
        """Whether an answer is newer than the opening of the tab."""
        return self._opened_at is None or (moment is not None and moment >= self._opened_at)

    def _placement_of(self, run: Run) -> RunPlacementQuery:
        """The same query for as long as the run is open, even over days."""
        if self._place_query is None:
            now = self.host.session.clock.now()
            self._place_query = RunPlacementQuery(run.id, period_since(run.created_at, now))
        return self._place_query

    def _blocked_by(self) -> Iterable[Query[Any]]:
        """Its queue, and where that has room for it what is at work in the whole environment."""
        place = self._blockers.place
        if place is None or not place.queue:
            return
        if self.host.can(Capability.QUEUES):
            yield QueueQuery(place.queue_name, place.queue_kind)
        if self._around.needs_capacity:
            yield CapacityQuery(place.queue, place.concurrency_key)

    @property
    def _around(self) -> QueueBlockers:
        """The run's surroundings, its environment as it is known now."""
        return replace(self._blockers, identity=self.host.session.identity)

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        data = snapshot.data
        match query:
            case RunPlacementQuery():
                self._blockers = replace(self._blockers, place=data)
            case QueueQuery():
                self._blockers = replace(self._blockers, queue=data, outlook=self._forecast(data))
            case ErrorGroupsQuery():
                self._groups = snapshot
            case TokensOfQuery():
                self._blockers = replace(self._blockers, tokens=data or ())
            case RestartsQuery():
                self._blockers = replace(self._blockers, restarts=data or ())
            case WhyQuery():
                self._blockers = replace(self._blockers, why=data)
            case CapacityQuery():
                self._blockers = replace(self._blockers, room=data)
            case _:
                return
        self.host.sync_soon()
        self.update(self.host.session.clock.now())

    def open_token(self) -> None:
        """Open the token that the run waits for."""
        if tokens := self._blockers.tokens:
            self.open_target(("token", tokens[0].id))
        else:
            toast = "no token that waits names this run in its tags: :tokens has all"
            self.host.trigdash.toast(toast)

    def _forecast(self, queue: Queue | None) -> str:
        """When the queue drains, or that it grows, once it was watched for long enough."""
        connection = self.host.session.connection
        if queue is None or connection is None:
            return ""
        if block_of(queue, environment_paused=connection.environment_paused) is not None:
            return ""
        return connection.depths.forecast(queue.id, self.host.session.clock.now()).label()

    @override
    def show_data(self, now: datetime) -> None:
        run = self.view.run
        groups = self._groups.data
        group = group_of(run, groups) if run is not None and groups else None
        fields = FieldLines(
            lambda width: overview_lines(
                self.view,
                self.host.session.clock.now(),
                width,
                environment=self.host.session.environment_slug,
                blockers=self._around,
                group=group,
                shape=Shape(self._all_frames, is_low=not self.host.has_class("-tall")),
                note=self._trace_note(),
            )
        )
        self.query_one(FieldList).show_fields(fields)

    def _trace_note(self) -> Cell:
        """A note on a problem of the trace, the main source of attempts."""
        problem = self.host.snapshot_of("trace").problem
        if problem is None or problem.kind == "NotFound":
            return ()
        return (("× ", "bad"), (f"the trace: {problem.message}", "warn"))

    @override
    def show_time(self, now: datetime) -> None:
        self.update(now)

    @override
    def gone_lines(self) -> list[Cell]:
        return [
            (("this run is not here", "strong"),),
            (),
            (("it was deleted, or it belongs to another environment", "text"),),
            ((self.view.run_id, "dim"),),
        ]

    @override
    def copied(self) -> tuple[str, str] | None:
        field = self.query_one(FieldList).field
        return (field.copied, field.label) if field is not None else None

    @override
    def opened_text(self) -> tuple[str, str]:
        """The error in full, where there is one."""
        error = self.view.run.error if self.view.run is not None else None
        if error is None:
            return super().opened_text()
        named = f"{error.name or 'Error'}: {error.message}"
        return ".txt", "\n".join(filter(None, (named, error.stack_trace)))

    @on(FieldList.FramesToggled)
    def _toggle_frames(self, message: FieldList.FramesToggled) -> None:
        message.stop()
        self._all_frames = not self._all_frames
        self.update(self.host.session.clock.now())
