"""Recoup's list of runs as a backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import TypeAdapter
from typing_extensions import override

from trigdash.backends.base import NotFound
from trigdash.backends.expected_api import expected_api
from trigdash.backends.partial import PartialBackend
from trigdash.backends.recoup import NEWEST, SUPPORTED_FILTERS
from trigdash.backends.target import Target
from trigdash.clock import Clock
from trigdash.model.capability import Capability, Reach
from trigdash.model.odd_rows import parse_rows
from trigdash.model.run import Run
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_page import RunItem
from trigdash.model.run_row import RunRow, RunsPage
from trigdash.model.status import status
from trigdash.model.wire import NullIsEmpty, Wire, parse

_PATH = "/api/tasks/runs"
_READ_ONLY = "the Recoup API is read-only"


class ListedRun(Wire):
    """`{"status": "success", "runs": […]}` with the runs as list rows."""

    status: str
    runs: Annotated[tuple[RunItem, ...], NullIsEmpty] = ()


class OpenedRun(Wire):
    """The same with full runs: one, if an id was requested."""

    status: str
    runs: Annotated[tuple[Run, ...], NullIsEmpty] = ()


_LISTED = TypeAdapter(ListedRun)
_OPENED = TypeAdapter(OpenedRun)


def parse_listed(body: bytes) -> RunsPage:
    """The newest runs, newest first. Raises ValueError if the body does not fit."""
    read = parse_rows(_LISTED, body, RunItem, "runs")
    _expect_success(read.value.status)
    rows = sorted((item.row() for item in read.value.runs), key=_age, reverse=True)
    return RunsPage(tuple(rows), odd=read.odd)


def parse_opened(body: bytes) -> tuple[Run, ...]:
    """The full runs. Raises ValueError if the body does not fit."""
    answer = parse(_OPENED, body)
    _expect_success(answer.status)
    return answer.runs


def _expect_success(word: str) -> None:
    if word != "success":
        raise ValueError("a success that says it is none")


def _age(row: RunRow) -> tuple[int, str]:
    return row.created_ms, row.id


def open_backend(target: Target, clock: Clock) -> RecoupBackend:
    """A backend for a target. Sends nothing yet. Raises Misconfigured for an address that keys must
    not be sent to, and for an unusable proxy or certificate file."""
    header = target.auth_header or "Authorization"
    scheme = target.auth_scheme
    if scheme is None:
        scheme = "Bearer " if header == "Authorization" else ""
    return RecoupBackend(target, clock, header, scheme)


class RecoupBackend(PartialBackend):
    """The newest runs of an account. Satisfies `Backend`."""

    name = "recoup"
    supported_filters = SUPPORTED_FILTERS
    offered = frozenset({Capability.RELATED})
    reasons: ClassVar[Mapping[Capability, str]] = {
        Capability.PAGING: f"the Recoup API gives the newest {NEWEST} runs at most",
        Capability.CANCEL: _READ_ONLY,
        Capability.REPLAY: _READ_ONLY,
        Capability.TAG: _READ_ONLY,
        Capability.RESCHEDULE: _READ_ONLY,
        Capability.METADATA: _READ_ONLY,
        Capability.TRIGGER: _READ_ONLY,
        Capability.BULK: _READ_ONLY,
    }

    def __init__(self, target: Target, clock: Clock, header: str, scheme: str) -> None:
        super().__init__(target, clock, header, scheme)
        self.reach = Reach(newest=target.limit or NEWEST)

    @override
    async def runs(
        self, run_filter: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        self._check(run_filter)
        params = [("limit", str(self.reach.newest))]
        if self._target.account:
            params.append(("account_id", self._target.account))
        with expected_api(self._target):
            page = await self._calls.read(self._access(), _PATH, parse_listed, tuple(params))
        if not run_filter.is_set():
            return page
        since_ms, until_ms = self._window_ms(run_filter)
        rows = (row for row in page.rows if since_ms <= row.created_ms <= until_ms)
        return replace(page, rows=tuple(row for row in rows if _matches_filter(row, run_filter)))

    @override
    async def run(self, run_id: str) -> Run:
        params = (("runId", run_id),)
        runs = await self._calls.read(self._access(), _PATH, parse_opened, params)
        for run in runs:
            if run.id == run_id:
                return run
        raise NotFound("no such run", status=404)


def _matches_filter(row: RunRow, run_filter: RunFilter) -> bool:
    """The filter without its time window, applied to a row."""
    # Both vocabularies share their words. Comparing kinds would be too wide: a crash is not a
    # failure here.
    words = {status(name).word for name in run_filter.statuses}
    return (
        (not words or row.status.word in words)
        and (not run_filter.tasks or row.task in run_filter.tasks)
        and (not run_filter.tags or not set(run_filter.tags).isdisjoint(row.tags))
        and (not run_filter.versions or row.version in run_filter.versions)
        and (not run_filter.regions or row.region in run_filter.regions)
        and run_filter.is_test in (None, row.is_test)
    )
