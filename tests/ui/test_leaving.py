"""A screen that is left goes from its leaves; who still calls it meanwhile does no harm."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app
from tests.ui.run_harness import RecordedRun, open_run
from trigdash.service.cache.store import Snapshot
from trigdash.ui.screens.environments import EnvironmentsScreen
from trigdash.ui.widgets.line import StatusBar


class Straggler(Widget):
    """Calls once more while the screen is taken down, when all that lies flatter is gone."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call
        self.was_called = False

    def compose(self) -> ComposeResult:
        with Vertical(), Vertical(), Vertical():
            yield Static()

    def on_unmount(self) -> None:
        assert not self.screen.query(Static)
        assert not self.screen.query(StatusBar)
        self._call()
        self.was_called = True


async def leave(stage: Harness, screen: Screen[object], call: Callable[[], None]) -> None:
    """Leave a screen that is called once more while it goes."""
    straggler = Straggler(call)
    await screen.mount(straggler)
    await stage.press("escape")
    await stage.until(lambda: straggler.was_called)
    assert screen not in stage.app.screen_stack


async def test_a_run_that_is_left_may_still_be_synchronized() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version")) as harness:
        screen = harness.screen
        await leave(harness, screen, screen.sync)
        assert not screen.is_visible()


async def test_the_session_may_change_while_a_run_is_left() -> None:
    async with open_run(RecordedRun("runs_get_v3__parent__api_version")) as harness:
        screen = harness.screen

        def change() -> None:
            assert screen not in harness.app.live_screens()
            screen.show_bar()

        await leave(harness, screen, change)


async def test_an_answer_may_arrive_while_the_picker_is_left() -> None:
    async with open_app(FakeBackend()) as harness:
        await harness.until(lambda: harness.app.session.connection is not None)
        await harness.press("ctrl+e")
        screen = harness.app.screen
        assert isinstance(screen, EnvironmentsScreen)
        watchers = list(screen._watched.values())
        assert watchers

        def answer() -> None:
            for watcher in watchers:
                watcher(Snapshot())

        await leave(harness, screen, answer)
