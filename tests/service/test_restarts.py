"""Runs that were made from a run: found among the younger ones of its task."""

from __future__ import annotations

from typing_extensions import override

from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import RunRow, RunsPage
from trigdash.service.runs.tree import MAX_PAGES, RestartsQuery

OF_RUN = RestartsQuery("run_old", "wf_a", START)


def row(number: int, origin: str | None = None) -> RunRow:
    facts = {"status_name": "completed", "task": "wf_a", "created_ms": 0, "updated_ms": 0}
    return RunRow(id=f"run_{number}", restarted_from=origin, **facts)  # type: ignore[arg-type]


class Pages(FakeBackend):
    """A list that is paged as a test says."""

    def __init__(self, pages: dict[str | None, RunsPage]) -> None:
        super().__init__()
        self.pages = pages
        self.calls: list[tuple[RunFilter, str | None]] = []

    @override
    async def runs(
        self, narrowed: RunFilter, *, after: str | None = None, size: int = 100
    ) -> RunsPage:
        self.calls.append((narrowed, after))
        return self.pages[after]


async def test_only_runs_that_name_it_are_its_restarts() -> None:
    first = RunsPage((row(4, "run_old"), row(3), row(2, "run_other")), next="b")
    backend = Pages({None: first, "b": RunsPage((row(1, "run_old"),))})
    found = await OF_RUN.fetch(backend, None)  # type: ignore[arg-type]
    assert [each.id for each in found] == ["run_4", "run_1"]
    younger = RunFilter(tasks=("wf_a",), since=START)
    assert backend.calls == [(younger, None), (younger, "b")]
    assert await OF_RUN.fetch(backend, found) is found  # type: ignore[arg-type]


async def test_an_old_run_of_a_busy_workflow_costs_some_pages_at_most() -> None:
    page = RunsPage((row(1),), next="more")
    backend = Pages({None: page, "more": page})
    assert await OF_RUN.fetch(backend, None) == ()  # type: ignore[arg-type]
    assert len(backend.calls) == MAX_PAGES
