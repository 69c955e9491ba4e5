"""Two environments side by side: one filter, two connections, and nothing left when it is left."""

from __future__ import annotations

from random import Random

from tests.fakes.backend import FakeBackend
from tests.ui.harness import at_rest, open_app, run_row
from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import command, ids_of, open_world, rows_of
from trigdash.backends.base import CannotReach
from trigdash.model.capability import Capability
from trigdash.service.connection import Connection
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.split import SplitScreen
from trigdash.ui.widgets.line import Footer, Line


async def split(stage: LiveHarness, environment: str = "stg") -> SplitScreen:
    await rows_of(stage, "prod")
    await command(stage, f"split {environment}")
    await stage.until(lambda: isinstance(stage.app.screen, SplitScreen), "the split")
    screen = stage.app.screen
    assert isinstance(screen, SplitScreen)
    await stage.until(lambda: all(side.rows for side in screen._sides), "rows on both sides")
    return screen


def shown(screen: SplitScreen) -> list[set[str]]:
    return [{row.id for row in side.rows} for side in screen._sides]


async def test_each_side_has_its_runs_and_one_filter_narrows_both() -> None:
    async with open_world(size=(120, 40)) as stage:
        screen = await split(stage)
        here, there = shown(screen)
        assert here <= ids_of(stage, "prod")
        assert there <= ids_of(stage, "stg")
        await stage.until(
            lambda: all(side.counts()[0].is_whole for side in screen._sides), "counts"
        )
        await at_rest(stage.app)
        lines = [screen.query_one(f"#compared-{n}", Line).plain_text for n in range(3)]
        assert [line.split()[0] for line in lines] == ["all", "prod", "stg"]
        total, *parts = (int(word.strip("≠+")) for word in lines[1].split()[1:])
        assert total == sum(parts)
        assert total >= len(here) > 0
        screen.apply_line("status:completed")
        await stage.until(
            lambda: all(
                side.rows and {row.status.word for row in side.rows} == {"completed"}
                for side in screen._sides
            ),
            "completed runs on both sides",
        )
        await stage.press("escape")
        await stage.until(lambda: shown(screen) == [here, there], "all runs again")


async def test_an_order_is_of_both_sides_and_enter_opens_a_run_where_it_is() -> None:
    async with open_world(size=(120, 40)) as stage:
        screen = await split(stage)
        other = screen._sides[1]
        assert "enter open " in screen.query_one(Footer).plain_text
        screen.sort_by("task", None)
        await stage.until(lambda: other.table.sort == screen.table.sort, "one order")
        await stage.press("tab")
        await stage.until(lambda: screen.side is other, "the other side")
        await stage.until(
            lambda: "open in stg" in screen.query_one(Footer).plain_text, "the footer"
        )
        wanted = other.table.cursor_key
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, RunScreen), "the run")
        await stage.until(lambda: stage.app.session.environment_slug == "stg", "its environment")
        assert wanted in ids_of(stage, "stg")


async def test_the_other_connection_ends_with_the_split() -> None:
    async with open_world(size=(80, 24)) as stage:
        screen = await split(stage)
        session = screen._sides[1].session
        connection = session.connection
        assert connection is not None
        assert connection is not stage.app.session.connection
        await stage.press("a")
        assert connection.paused
        await stage.press("a")
        assert not connection.paused
        stage.app.open_detail("run", str(screen.table.cursor_key))
        await stage.until(lambda: not connection.store.watched(), "nothing is polled unseen")
        await stage.press("escape")
        await stage.until(lambda: connection.store.watched(), "polled again")
        await stage.press("escape")
        await stage.until(lambda: session.connection is None, "closed")
        assert not connection.store.watched()


async def test_the_environment_that_one_is_in_is_not_split_off() -> None:
    async with open_world() as stage:
        await rows_of(stage, "prod")
        await command(stage, "split prod")
        told = [note.message for note in stage.app._notifications]
        assert told == ["prod is here: name another environment"]


async def test_a_server_that_is_away_is_told_on_its_side_and_asked_again() -> None:
    here, there = FakeBackend(), FakeBackend()
    here.capabilities |= {Capability.ENVIRONMENTS}
    here.add([run_row(1)])
    there.add([run_row(2, "FAILED")])
    tries: list[str] = []

    async def opening(_: str | None, environment: str | None) -> Connection:
        if environment != "stg":
            return Connection(here, harness.clock, random=Random(7))  # type: ignore[arg-type]
        tries.append(environment)
        if len(tries) == 1:
            raise CannotReach("cannot reach 127.0.0.1")
        return Connection(there, harness.clock, random=Random(7))  # type: ignore[arg-type]

    async with open_app(opening=opening) as harness:
        await harness.until(lambda: harness.ids)
        harness.app.open_detail("split", "stg")
        await harness.until(lambda: isinstance(harness.app.screen, SplitScreen))
        screen = harness.app.screen
        assert isinstance(screen, SplitScreen)
        other = screen._sides[1]
        await harness.until(lambda: other.session.problem is not None)
        await harness.until(lambda: "not connected" in other.query_one(Line).plain_text)
        assert [row.id for row in screen._sides[0].rows] == ["run_0001"]
        await harness.clock.advance(3)
        await harness.until(lambda: [row.id for row in other.rows] == ["run_0002"])
