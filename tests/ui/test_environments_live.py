"""From one environment to another, over real HTTP: nothing of the old one appears in the new."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from time import monotonic

import pytest

from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import bar_of, command, ids_of, open_world, rows_of, shown_ids
from trigdash.simulator.world.environments import FIRST_BRANCH
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.screens.environments import EnvironmentsScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.text_panes import StateView

LATE_S = 1.5
WATCH_S = 3.0
"""How long nothing of the old environment may appear: twice as long as its answer takes."""


async def choose(stage: LiveHarness, wanted: str) -> None:
    """Open the picker and go to the line that begins with a word."""
    await stage.press("ctrl+e")
    await stage.until(lambda: isinstance(stage.app.screen, EnvironmentsScreen), "the picker")
    lines = stage.app.screen.query_one(LineList)

    def place() -> int | None:
        texts = [
            "".join(text for text, _ in lines.source.line(n, 80)).strip()
            for n in range(lines.count)
        ]
        return next((n for n, text in enumerate(texts) if text.startswith(wanted)), None)

    await stage.until(lambda: place() is not None, wanted)
    there = place()
    assert there is not None
    lines.move_to(there)
    await stage.press("enter")


async def on_the_list(stage: LiveHarness) -> None:
    """The run list, where it is opened first."""


async def on_the_events(stage: LiveHarness) -> None:
    await stage.press("e")
    await stage.until(lambda: isinstance(stage.app.screen, RunScreen), "the run")


async def on_the_queues(stage: LiveHarness) -> None:
    await stage.press("2")
    await stage.until(lambda: type(stage.app.screen).__name__ == "QueuesScreen", "the queues")


def late_story() -> Iterator[object]:
    yield pytest.param(on_the_list, "/api/v1/runs", id="rows and counts")
    yield pytest.param(on_the_events, "/events", id="events")
    yield pytest.param(on_the_queues, "/api/v1/queues", id="queues")


@pytest.mark.parametrize(("stand", "path"), late_story())
async def test_an_answer_of_the_old_environment_that_comes_late_appears_nowhere(
    stand: Callable[[LiveHarness], AsyncIterator[None]], path: str
) -> None:
    async with open_world() as harness:
        await rows_of(harness, "prod")
        late = harness.faults.delay(LATE_S, times=1, path=path)
        await stand(harness)  # type: ignore[misc]  # a coroutine
        harness.app.refresh_now()
        await harness.until(lambda: late not in harness.faults.active, "a request under way")
        old_screens = list(harness.app.screen_stack)
        await choose(harness, "stg")
        await rows_of(harness, "stg")
        foreign = ids_of(harness, "prod")
        end = monotonic() + WATCH_S

        def only_the_new_one_shows() -> bool:
            assert not shown_ids(harness) & foreign
            assert not set(old_screens) & set(harness.app.screen_stack)
            assert " prod " not in bar_of(harness)
            assert isinstance(harness.app.screen, RunsScreen)
            held = harness.app.screen._shown
            assert held is None or {row.id for row in held.rows} <= ids_of(harness, "stg")
            return monotonic() > end

        await harness.until(only_the_new_one_shows)
        counted = sum(harness.app.screen._shown.counts().values())  # type: ignore[attr-defined]
        assert counted == len(shown_ids(harness))


async def test_the_old_environment_is_not_polled_any_more() -> None:
    async with open_world() as harness:
        await rows_of(harness, "prod")
        old = harness.app.session.connection
        assert old is not None
        await command(harness, "env staging")
        await rows_of(harness, "stg")
        harness.host.faults.revoke(harness.host.world.environments["prod"].secret_key)
        asked_before = len(harness.faults.requests)
        await harness.until(lambda: len(harness.faults.requests) > asked_before + 3, "polls go on")
        assert old.poller._jobs == {}
        assert harness.app.session.problem is None
        assert "live" in bar_of(harness)


async def test_production_is_red_as_soon_as_it_is_chosen_and_not_after_it_is_left() -> None:
    async with open_world() as harness:
        await rows_of(harness, "prod")
        assert harness.app.session.is_production
        await command(harness, "env staging")
        assert not harness.app.session.is_production
        await rows_of(harness, "stg")
        harness.faults.delay(LATE_S, path="whoami")
        await choose(harness, "prod")
        assert harness.app.session.is_production, "before any answer"
        await harness.until(lambda: harness.app.session.connection is not None, "a connection")
        assert harness.app.session.identity is None
        assert harness.app.session.is_production
        await harness.press("q")


async def test_a_preview_branch_is_named_and_a_branch_that_is_not_there_is_said() -> None:
    async with open_world() as harness:
        await rows_of(harness, "prod")
        await choose(harness, f"preview {FIRST_BRANCH}")
        await harness.until(lambda: shown_ids(harness) & ids_of(harness, "preview"), "its runs")
        await harness.until(lambda: f" preview {FIRST_BRANCH} " in bar_of(harness), "its name")
        await choose(harness, "preview")
        await harness.until(
            lambda: isinstance(harness.app.screen, CommandLine), "the branch's name"
        )
        await harness.press(*"feature/x", "enter")
        await harness.until(lambda: "feature/x" in bar_of(harness), "the new branch")
        state = harness.app.screen.query_one(StateView)
        await harness.until(lambda: "Branch not found" in state.plain_text, "the refusal")
        assert "preview feature/x" in bar_of(harness)
        await choose(harness, "stg")
        await rows_of(harness, "stg")


async def test_a_run_of_a_preview_branch_asks_for_the_branch_and_leaves_nothing() -> None:
    async with open_world() as stage:
        await stage.until(lambda: stage.table.rows, "the runs")
        here = bar_of(stage)
        await stage.app.open_run_in("preview", "run_cms0my2su0000mp2ud8lotlhg")
        await stage.until(lambda: isinstance(stage.app.screen, CommandLine), "the question")
        assert any("name it to go there" in toast for toast in stage.toasts)
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, RunsScreen))
        assert bar_of(stage).split("●")[0] == here.split("●")[0], "nothing was left"


async def test_a_key_alone_names_its_environment_and_says_why_it_goes_nowhere_else() -> None:
    async with open_world("key") as harness:
        await rows_of(harness, "stg")
        await harness.until(lambda: "Acme Jobs" in bar_of(harness), "whoami's name")
        await command(harness, "env prod")
        hint = "changing the environment needs an access token"
        await harness.until(lambda: hint in harness.words(), "the reason")
        await harness.press("escape")
        assert harness.app.session.connection is not None
        assert shown_ids(harness) <= ids_of(harness, "stg")


async def test_a_profile_brings_its_own_habits_and_leaves_none_of_the_old_ones() -> None:
    async with open_world() as harness:
        await rows_of(harness, "prod")
        await command(harness, "profile key")
        await rows_of(harness, "stg")
        assert harness.app.session.read_only
        assert harness.app.theme == "trigdash-light"
        assert "read-only" in bar_of(harness)
        await command(harness, "profile workflow")
        await harness.until(lambda: "all time" in bar_of(harness), "no window of another system")
        await harness.until(lambda: shown_ids(harness), "workflow runs")
        assert not harness.app.session.read_only
        assert harness.app.theme == "trigdash-dark"
        assert " stg " not in bar_of(harness)
