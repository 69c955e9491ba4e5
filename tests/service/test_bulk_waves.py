"""A bulk in waves on screen: the engine of the command, its list kept, resumed where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.backend import FakeBackend, make_rows
from tests.fakes.bulk_server import figures, ids
from tests.fakes.clock import START, FakeClock
from trigdash.backends.base import InvalidRequest
from trigdash.config.files import DamagedFile
from trigdash.service.bulk.account import BulkAccount
from trigdash.service.bulk.journal import BulkJournal
from trigdash.service.bulk.plan import CANARY, BulkPlan, WaveRules, preview
from trigdash.service.bulk.progress import BulkState
from trigdash.service.connection import Connection

PLAN = BulkPlan("cancel", ids(range(20)), label="task:a", waves=CANARY)


async def over(clock: FakeClock) -> None:
    for _ in range(40):
        await clock.advance(1)


async def test_all_waves_go_well_and_are_told(
    connection: Connection, backend: FakeBackend, clock: FakeClock
) -> None:
    bulk = connection.start_bulk(PLAN)
    await over(clock)
    assert bulk.progress.state is BulkState.ENDED
    assert figures(bulk) == (20, 0, 0, 0)
    assert [(wave.sent, wave.failed) for wave in bulk.waves] == [(3, 0), (10, 0), (7, 0)]
    assert [target for (target,) in backend.asked("cancel")] == list(ids(range(20)))
    assert not backend.asked("start_bulk")


async def test_a_wave_that_fails_stops_it_and_the_rest_is_resumed_from_a_few(
    tmp_path: Path, backend: FakeBackend, clock: FakeClock
) -> None:
    kept = Connection(backend, clock, bulk_folder=tmp_path)
    gone = {"run_000004", "run_000005", "run_000006"}
    refusal = InvalidRequest("not now", status=400)
    backend.answers["cancel"] = lambda run_id: refusal if run_id in gone else None
    bulk = kept.start_bulk(PLAN)
    await over(clock)
    assert bulk.progress.state is BulkState.INTERRUPTED
    assert "stopped after wave 2: 3 of 10 failed" in bulk.progress.message
    assert figures(bulk) == (10, 3, 0, 7)
    (path,) = kept.interrupted_bulks()
    assert BulkJournal.load(path).record.plan.waves == CANARY
    resumed = kept.resume_bulk(path)
    await over(clock)
    assert [wave.sent for wave in resumed.waves] == [3, 4]
    assert resumed.progress.state is BulkState.ENDED
    assert figures(resumed) == (17, 3, 0, 0)
    await kept.close()


def test_waves_are_offered_for_what_has_a_result_and_more_than_a_first_wave() -> None:
    rows = make_rows(range(4), "QUEUED")
    few = preview("cancel", rows[:3], 5_040_000)
    assert few.in_waves is None
    assert preview("tag", rows, 5_040_000, tags=("a",)).in_waves is None
    offered = preview("cancel", rows, 5_040_000).in_waves
    assert offered == replace(preview("cancel", rows, 5_040_000).plan, waves=CANARY)


@pytest.mark.parametrize("entry", ["[0, 60, 0.2]", "[3, 0, 0.2]", "[3, 60, 2]", "[3, 60]", '"3"'])
def test_a_list_with_rules_that_mean_nothing_is_no_list(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "x.bulk.jsonl"
    head = '{"verb": "cancel", "run_ids": ["run_1"], "tags": [], "label": "x", "matching": "", '
    path.write_text(f'{head}"waves": {entry}, "started_at": "2026-03-04T05:06:07+00:00"}}\n')
    with pytest.raises(DamagedFile):
        BulkJournal.load(path)


def test_the_key_of_a_replay_is_the_same_when_the_bulk_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "x.bulk.jsonl"
    plan = BulkPlan("replay", ids(range(5)), waves=WaveRules(3))
    begun = BulkAccount(BulkJournal.create(plan, START, path)).wave_key("run_000001")
    assert begun.endswith("-run_000001")
    assert BulkAccount(BulkJournal.load(path)).wave_key("run_000001") == begun
    at_once = BulkJournal.create(replace(plan, waves=None), START, None)
    assert not BulkAccount(at_once).wave_key("run_000001")
