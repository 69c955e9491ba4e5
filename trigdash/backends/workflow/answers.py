"""The answers of the workflow Runs API, and their conversion for the screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import PrivateAttr, TypeAdapter

from trigdash.model.odd_row import OddRow
from trigdash.model.odd_rows import parse_rows
from trigdash.model.run import Run
from trigdash.model.run_row import RunRow, RunsPage, timestamp_ms
from trigdash.model.wire import (
    Count,
    Flag,
    Line,
    Lines,
    Moment,
    NullIsDefault,
    NullIsEmpty,
    Whole,
    Wire,
)
from trigdash.model.wire import parse as parse_wire

T = TypeVar("T")


class StepError(Wire):
    """Why a run or a step failed."""

    code: Line = ""
    message: Lines = ""


class Step(Wire):
    """One step of a run, in the form that the run and its logs share."""

    step_id: Line
    status: Line = ""
    """success, error, skipped."""
    started_at: Moment | None = None
    completed_at: Moment | None = None
    duration_ms: Count = 0
    input: Any = None
    output: Any = None
    error: StepError | None = None
    attempt: Whole | None = None


class RunSummary(Wire):
    """A run in a list. `duration_ms` is wall time here, unlike Trigger.dev's."""

    id: Line
    workflow_id: Line
    status: Line
    trigger_type: Line | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None
    duration_ms: Whole | None = None
    error: StepError | None = None
    created_at: Moment
    restarted_from_run_id: Line | None = None
    """Named in the description of retry and restart, but in no example there; read if present."""

    @property
    def changed_at(self) -> datetime:
        """The latest time in the run, since the API has no field for the last change."""
        return self.completed_at or self.started_at or self.created_at

    def row(self) -> RunRow:
        """The slim row of a list."""
        return RunRow(
            id=self.id,
            status_name=self.status,
            task=self.workflow_id,
            created_ms=timestamp_ms(self.created_at),
            updated_ms=timestamp_ms(self.changed_at),
            started_ms=timestamp_ms(self.started_at) if self.started_at else None,
            finished_ms=timestamp_ms(self.completed_at) if self.completed_at else None,
            kind=self.trigger_type,
            error=self.error.message.split("\n", 1)[0] if self.error else None,
            restarted_from=self.restarted_from_run_id,
        )


class _WithSteps(Wire):
    """An answer with steps, some of which may be unreadable."""

    _odd_steps: int = PrivateAttr(0)

    @property
    def odd_steps(self) -> int:
        """Steps that could not be read completely."""
        return self._odd_steps

    def with_odd(self, odd: Sequence[OddRow]) -> Self:
        """The same, with its odd steps."""
        told = self.model_copy()
        told._odd_steps = len(odd)
        return told


class DetailAnswer(RunSummary, _WithSteps):
    """A run with its input, output and steps."""

    input: Any = None
    output: Any = None
    step_results: Annotated[tuple[Step, ...], NullIsEmpty] = ()

    def run(self) -> Run:
        """The run in the model of the screens."""
        told = self.model_fields_set
        facts: dict[str, Any] = {
            "id": self.id,
            "task_identifier": self.workflow_id,
            "status": self.status,
            "created_at": self.created_at,
            "updated_at": self.changed_at,
            "started_at": self.started_at,
            "finished_at": self.completed_at,
            "trigger_function": self.trigger_type,
            "restarted_from_run_id": self.restarted_from_run_id,
            "attempt_count": max((step.attempt or 1 for step in self.step_results), default=0),
        }
        if "input" in told:
            facts["payload"] = self.input
        if "output" in told and (self.output is not None or self.status == "completed"):
            facts["output"] = self.output
        if self.error:
            facts["error"] = {"name": self.error.code, "message": self.error.message}
        return Run.model_validate(facts)


class Logs(_WithSteps):
    """The steps again, under another name."""

    run_id: Line
    logs: Annotated[tuple[Step, ...], NullIsEmpty] = ()


class Restarted(Wire):
    """The new run of a retry or a restart."""

    new_run_id: Line


class Requested(Wire):
    """The answer to a cancel: that it was requested."""

    id: Line


class PageMeta(Wire):
    """The cursor of the next page."""

    cursor: str | None = None
    has_more: Flag = False


class Envelope(Wire, Generic[T]):
    """`{"success": true, "data": …}`, which every success is wrapped in."""

    success: bool
    data: T
    meta: Annotated[PageMeta, NullIsDefault] = PageMeta()


_PAGE = TypeAdapter(Envelope[tuple[RunSummary, ...]])
_DETAIL = TypeAdapter(Envelope[DetailAnswer])
_LOGS = TypeAdapter(Envelope[Logs])
_RESTARTED = TypeAdapter(Envelope[Restarted])
_REQUESTED = TypeAdapter(Envelope[Requested])


def _opened(adapter: TypeAdapter[Envelope[T]], body: bytes) -> T:
    return _succeeded(parse_wire(adapter, body)).data


def _succeeded(envelope: Envelope[T]) -> Envelope[T]:
    if not envelope.success:
        raise ValueError("a success that says it is none")
    return envelope


def parse_page(body: bytes) -> RunsPage:
    """A page of the list. Like the parsers below, raises ValueError if the body does not fit."""
    read = parse_rows(_PAGE, body, RunSummary, "data", paging="meta")
    envelope = _succeeded(read.value)
    rows = tuple(summary.row() for summary in envelope.data)
    after = envelope.meta.cursor if envelope.meta.has_more else None
    return RunsPage(rows, next=after, odd=read.odd, is_cut=read.is_cut)


def parse_detail(body: bytes) -> DetailAnswer:
    """One run."""
    read = parse_rows(_DETAIL, body, Step, "data", "stepResults", paging="")
    return _succeeded(read.value).data.with_odd(read.odd)


def parse_logs(body: bytes) -> Logs:
    """A run's steps as its log."""
    read = parse_rows(_LOGS, body, Step, "data", "logs", paging="")
    return _succeeded(read.value).data.with_odd(read.odd)


def parse_restarted(body: bytes) -> str:
    """The id of the new run."""
    return _opened(_RESTARTED, body).new_run_id


def parse_requested(body: bytes) -> None:
    """That a cancel was accepted."""
    _opened(_REQUESTED, body)
