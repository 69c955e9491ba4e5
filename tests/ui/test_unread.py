"""What could not be read is counted in words of the dashboard's own."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.backend import FakeBackend
from tests.recorded import recorded
from tests.ui.harness import open_app, run_row
from tests.ui.run_harness import RecordedRun, open_run
from trigdash.backends.base import Unreadable
from trigdash.model.batch import BatchSummary
from trigdash.model.capability import Capability
from trigdash.model.listing import Listing
from trigdash.model.odd_row import OddRow
from trigdash.model.queue import parse_queues
from trigdash.presentation.cell import cell_text
from trigdash.presentation.list_states import unread_cell

COST = OddRow("run_0002", ("costInCents",), is_shown=True)
LOST = OddRow("run_0003", ("createdAt", "status"))


def test_the_words_name_what_could_not_be_read() -> None:
    def words(*odd: OddRow, is_cut: bool = False) -> str:
        return cell_text(unread_cell(odd, "run", is_cut=is_cut)).strip()

    assert words() == ""
    assert words(LOST) == "1 run could not be read (createdAt, status)"
    assert words(LOST, OddRow("?0")) == "2 runs could not be read (createdAt, status)"
    assert words(OddRow("?0")) == "1 run could not be read"
    assert words(COST) == "1 run read in part (not costInCents)"
    many = OddRow("x", ("a", "b", "c", "d", "e"))
    assert words(many) == "1 run could not be read (a, b, c and 2 more)"
    assert words(LOST, COST, is_cut=True) == (
        "1 run could not be read (createdAt, status); 1 run read in part (not costInCents); "
        "where the list goes on could not be read"
    )


async def test_a_run_that_cannot_be_read_is_counted_until_it_can() -> None:
    backend = FakeBackend()
    backend.add(run_row(n) for n in range(1, 5))
    backend.odd = {LOST.key: LOST, COST.key: COST}
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 3)
        assert "1 run could not be read (createdAt, status)" in harness.aside
        assert "1 run read in part (not costInCents)" in harness.aside
        backend.odd = {}
        await harness.poll()
        await harness.until(lambda: len(harness.ids) == 4)
        assert "read" not in harness.aside


async def test_a_list_of_nothing_but_odd_runs_does_not_say_that_there_are_none() -> None:
    backend = FakeBackend()
    backend.add([run_row(3)])
    backend.odd = {LOST.key: LOST}
    async with open_app(backend) as harness:
        await harness.until(lambda: "1 run could not be read" in harness.state)
        assert "no runs" not in harness.state


async def test_queues_and_batches_are_counted_too() -> None:
    backend = FakeBackend()
    queues = parse_queues(recorded("queues_list__ok").body)
    odd = (OddRow("queue_1", ("running",)),)
    backend.answers["queues"] = lambda *_: replace(queues, odd=odd)
    batch = BatchSummary(id="batch_1", runs=2, succeeded=2)
    backend.calls[Capability.BATCHES] = Listing((batch,), unreadable=2)
    async with open_app(backend) as harness:
        await harness.press("2")
        await harness.until(lambda: "1 queue could not be read (running)" in harness.aside)
        assert len(harness.table.rows) == len(queues.data)
        await harness.press("3")
        await harness.until(lambda: "2 batches could not be read in full" in harness.aside)
        backend.answers["queues"] = lambda *_: replace(queues, data=(), odd=odd)
        await harness.press("2")
        await harness.poll(30)
        await harness.until(lambda: "1 queue could not be read (running)" in harness.state)


async def test_a_run_that_became_unreadable_is_counted_and_asked_for_once() -> None:
    backend = FakeBackend()
    backend.add(run_row(n, "EXECUTING" if n > 100 else "COMPLETED") for n in range(1, 130))
    async with open_app(backend) as harness:
        await harness.until(lambda: len(harness.ids) == 100)
        await harness.press("G")
        await harness.until(lambda: len(harness.ids) == 129)
        backend.failures["run"] = Unreadable("createdAt is not a time")
        backend.change("run_0110", status_name="COMPLETED")
        for _ in range(12):
            await harness.poll(2.0)
        assert len(backend.asked("run")) == 1
        assert "run_0110" not in harness.ids
        assert "1 run could not be read" in harness.aside


async def test_spans_and_entries_are_counted_beside_their_search() -> None:
    trace = recorded("run_trace__failed_trace").body.replace(b'"startTime"', b'"begunAt"', 2)
    events = recorded("run_events__parent").body
    events = events.replace(b'"startTime"', b'"begunAt"', 1)
    told = RecordedRun("runs_get_v3__failed_trace__api_version", trace, events)
    async with open_run(told, "trace") as harness:
        await harness.until(lambda: "2 spans could not be read in full" in harness.note)
        await harness.press("e")
        await harness.until(lambda: "1 entry could not be read in full" in harness.note)
