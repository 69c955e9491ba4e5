"""Where a new run whose answer was lost is looked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from tests.fakes.backend import FakeBackend, FakeRun, make_row
from tests.fakes.clock import START, FakeClock
from tests.ui.writing_desk import ScriptedDesk
from trigdash.model.run_filter import RunFilter
from trigdash.model.run_row import timestamp_ms
from trigdash.service.cache.server_time import server_time_seen
from trigdash.service.connection import Connection
from trigdash.service.runs.detail import RunQuery
from trigdash.service.runs.query import RunsQuery
from trigdash.ui.actions.replay_prompts import CLOCKS_DIFFER, new_run_filter, new_run_line


def test_only_what_is_made_from_now_on_is_looked_for_by_the_servers_own_clock() -> None:
    behind = START - timedelta(minutes=90)
    wanted = new_run_filter("a", (), START, behind, is_test=False)
    assert wanted == RunFilter(
        tasks=("a",), since=behind, until=START + CLOCKS_DIFFER, is_test=False
    )
    ahead = START + timedelta(minutes=90)
    wanted = new_run_filter("a", (), START, ahead, is_test=True)
    assert (wanted.since, wanted.until) == (ahead, ahead + CLOCKS_DIFFER)
    unknown = new_run_filter("a", (), START, None, is_test=False)
    assert (unknown.since, unknown.until) == (START - CLOCKS_DIFFER, START + CLOCKS_DIFFER)


def test_the_most_telling_tag_that_can_be_looked_for_narrows_it() -> None:
    def tags(*given: str) -> tuple[str, ...]:
        return new_run_filter("a", given, START, None, is_test=False).tags

    assert tags() == ()
    assert tags("prod", "order:123456", "eu") == ("order:123456",)
    assert tags("prod", "items:1,2,3,4,5,6", "odd\ufffd") == ("prod",)
    assert tags("items:1,2") == ()


async def test_the_servers_clock_is_read_from_the_latest_change_and_not_from_a_time_ahead(
    backend: FakeBackend, clock: FakeClock, connection: Connection
) -> None:
    assert server_time_seen(connection.store) is None
    changed = START - timedelta(seconds=3)
    scheduled = make_row(
        2,
        created_ms=timestamp_ms(START + timedelta(minutes=1)),
        updated_ms=timestamp_ms(START - timedelta(minutes=1)),
    )
    old = make_row(1, "EXECUTING", updated_ms=timestamp_ms(changed))
    backend.add([scheduled, old])
    connection.watch(RunsQuery(), lambda _: None)
    await clock.settle()
    assert server_time_seen(connection.store) == changed
    later = datetime(2026, 3, 4, 13, tzinfo=UTC)
    backend.answers["run"] = FakeRun(old, updated_at=later)
    connection.watch(RunQuery(old.id), lambda _: None)
    await clock.settle()
    assert server_time_seen(connection.store) == later


async def test_the_line_leaves_out_what_a_system_cannot_narrow_by(connection: Connection) -> None:
    desk = ScriptedDesk(connection)
    line = new_run_line(desk, "send email", ("order:1",))
    assert line == (
        'task:"send email" tag:"order:1" from:2026-03-04T11:55:00+00:00 '
        "to:2026-03-04T12:05:00+00:00 test:false"
    )
    refused = frozenset({"tags", "is_test"})
    desk.session.settings = SimpleNamespace(supported_filters=SimpleNamespace(refused=refused))
    line = new_run_line(desk, "a", ("order:1",))
    assert line == "task:a from:2026-03-04T11:55:00+00:00 to:2026-03-04T12:05:00+00:00"
