"""A run's family, as the query endpoint tells it: with plain texts only, and bearing odd rows."""

from __future__ import annotations

from typing import Any

from tests.fakes.backend import FakeBackend
from trigdash.backends.base import Forbidden, InvalidRequest, NotFound
from trigdash.service.runs.tree import MAX_ENTRIES, RunTree, RunTreeQuery

OF_ROOT = RunTreeQuery("run_1", "run_root", "1d")


def told(run_id: str = "run_2", **more: Any) -> dict[str, Any]:
    row = {
        "run_id": run_id,
        "parent_run_id": "run_1",
        "task_identifier": "send-email",
        "status": "Timed out",
        "triggered_at": "2026-11-21 22:37:14.076",
        "completed_at": "2026-11-21 22:37:16.076",
    }
    return row | more


async def fetched(backend: FakeBackend, *rows: dict[str, Any]) -> RunTree:
    backend.answers["query"] = list(rows)
    return await OF_ROOT.fetch(backend, None)  # type: ignore[arg-type]


async def test_a_row_is_a_relative_in_the_words_of_the_run_list(backend: FakeBackend) -> None:
    family = await fetched(backend, told())
    (relative,) = family.relatives
    assert (relative.row.id, relative.parent_id) == ("run_2", "run_1")
    assert relative.row.status_name == "TIMED_OUT"
    assert relative.row.finished_ms == relative.row.created_ms + 2_000
    assert await OF_ROOT.fetch(backend, family) is family  # type: ignore[arg-type]


async def test_odd_rows_are_left_out_and_odd_times_are_bounded(backend: FakeBackend) -> None:
    early = told("run_3", triggered_at="0001-01-01T00:00:00+14:00", completed_at="soon")
    family = await fetched(backend, told(run_id=None), told(triggered_at="soon"), early)
    (relative,) = family.relatives
    assert (relative.row.created_ms, relative.row.finished_ms) == (0, None)


async def test_a_large_family_is_cut_and_says_so(backend: FakeBackend) -> None:
    rows = [told(f"run_{number}") for number in range(MAX_ENTRIES + 1)]
    family = await fetched(backend, *rows)
    assert (len(family), family.is_cut) == (MAX_ENTRIES, True)


async def test_a_refusal_is_remembered_and_no_odd_id_enters_a_statement(
    backend: FakeBackend,
) -> None:
    odd = RunTreeQuery("run_1", "run' OR '1'='1", "1d")
    assert (await odd.fetch(backend, None)).is_refused  # type: ignore[arg-type]
    assert backend.asked("query") == []
    refusals = (
        Forbidden("no", status=403),
        NotFound("no", status=404),
        InvalidRequest("no", status=400),
    )
    for refusal in refusals:
        backend.failures["query"] = refusal
        assert (await OF_ROOT.fetch(backend, None)).is_refused, refusal  # type: ignore[arg-type]
