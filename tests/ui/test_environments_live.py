"""From one environment to another, over real HTTP: nothing of the old one appears in the new."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from time import monotonic

import pytest

from tests.ui.live_stage import LiveStage
from tests.ui.world_stage import (
    bar_of,
    command,
    ids_of,
    rows_of,
    shown_ids,
    world_on_stage,
)
from trigdash.simulator.world.environments import FIRST_BRANCH
from trigdash.ui.screens.command_line import CommandLine
from trigdash.ui.screens.environments import EnvironmentsScreen
from trigdash.ui.screens.run import RunScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.state_view import StateView

LATE_S = 1.5
WATCH_S = 3.0
"""How long nothing of the old environment may appear: twice as long as its answer takes."""


async def choose(stage: LiveStage, wanted: str) -> None:
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


async def on_the_list(stage: LiveStage) -> None:
    """The run list, where it is opened first."""


async def on_the_events(stage: LiveStage) -> None:
    await stage.press("e")
    await stage.until(lambda: isinstance(stage.app.screen, RunScreen), "the run")


async def on_the_queues(stage: LiveStage) -> None:
    await stage.press("2")
    await stage.until(lambda: type(stage.app.screen).__name__ == "QueuesScreen", "the queues")


def late_story() -> Iterator[object]:
    yield pytest.param(on_the_list, "/api/v1/runs", id="rows and counts")
    yield pytest.param(on_the_events, "/events", id="events")
    yield pytest.param(on_the_queues, "/api/v1/queues", id="queues")


@pytest.mark.parametrize(("stand", "path"), late_story())
async def test_an_answer_of_the_old_environment_that_comes_late_appears_nowhere(
    stand: Callable[[LiveStage], AsyncIterator[None]], path: str
) -> None:
    async with world_on_stage() as stage:
        await rows_of(stage, "prod")
        late = stage.faults.delay(LATE_S, times=1, path=path)
        await stand(stage)  # type: ignore[misc]  # a coroutine
        stage.app.refresh_now()
        await stage.until(lambda: late not in stage.faults.active, "a request under way")
        old_screens = list(stage.app.screen_stack)
        await choose(stage, "stg")
        await rows_of(stage, "stg")
        foreign = ids_of(stage, "prod")
        end = monotonic() + WATCH_S

        def only_the_new_one_shows() -> bool:
            assert not shown_ids(stage) & foreign
            assert not set(old_screens) & set(stage.app.screen_stack)
            assert " prod " not in bar_of(stage)
            assert isinstance(stage.app.screen, RunsScreen)
            held = stage.app.screen._shown
            assert held is None or {row.id for row in held.rows} <= ids_of(stage, "stg")
            return monotonic() > end

        await stage.until(only_the_new_one_shows)
        counted = sum(stage.app.screen._shown.counts().values())  # type: ignore[attr-defined]
        assert counted == len(shown_ids(stage))


async def test_the_old_environment_is_not_polled_any_more() -> None:
    async with world_on_stage() as stage:
        await rows_of(stage, "prod")
        old = stage.app.session.connection
        assert old is not None
        await command(stage, "env staging")
        await rows_of(stage, "stg")
        stage.host.faults.revoke(stage.host.world.environments["prod"].secret_key)
        asked_before = len(stage.faults.requests)
        await stage.until(lambda: len(stage.faults.requests) > asked_before + 3, "polls go on")
        assert old.poller._jobs == {}
        assert stage.app.session.problem is None
        assert "live" in bar_of(stage)


async def test_production_is_red_as_soon_as_it_is_chosen_and_not_after_it_is_left() -> None:
    async with world_on_stage() as stage:
        await rows_of(stage, "prod")
        assert stage.app.session.is_production
        await command(stage, "env staging")
        assert not stage.app.session.is_production
        await rows_of(stage, "stg")
        stage.faults.delay(LATE_S, path="whoami")
        await choose(stage, "prod")
        assert stage.app.session.is_production, "before any answer"
        await stage.until(lambda: stage.app.session.connection is not None, "a connection")
        assert stage.app.session.identity is None
        assert stage.app.session.is_production
        await stage.press("q")


async def test_a_preview_branch_is_named_and_a_branch_that_is_not_there_is_said() -> None:
    async with world_on_stage() as stage:
        await rows_of(stage, "prod")
        await choose(stage, f"preview {FIRST_BRANCH}")
        await stage.until(lambda: shown_ids(stage) & ids_of(stage, "preview"), "its runs")
        await stage.until(lambda: f" preview {FIRST_BRANCH} " in bar_of(stage), "its name")
        await choose(stage, "preview")
        await stage.until(lambda: isinstance(stage.app.screen, CommandLine), "the branch's name")
        await stage.press(*"feature/x", "enter")
        await stage.until(lambda: "feature/x" in bar_of(stage), "the new branch")
        state = stage.app.screen.query_one(StateView)
        await stage.until(lambda: "Branch not found" in state.words, "the refusal")
        assert "preview feature/x" in bar_of(stage)
        await choose(stage, "stg")
        await rows_of(stage, "stg")


async def test_a_key_alone_names_its_environment_and_says_why_it_goes_nowhere_else() -> None:
    async with world_on_stage("key") as stage:
        await rows_of(stage, "stg")
        await stage.until(lambda: "Acme Jobs" in bar_of(stage), "whoami's name")
        await command(stage, "env prod")
        hint = "changing the environment needs an access token"
        await stage.until(lambda: hint in stage.words(), "the reason")
        await stage.press("escape")
        assert stage.app.session.connection is not None
        assert shown_ids(stage) <= ids_of(stage, "stg")


async def test_a_profile_brings_its_own_habits_and_leaves_none_of_the_old_ones() -> None:
    async with world_on_stage() as stage:
        await rows_of(stage, "prod")
        await command(stage, "profile key")
        await rows_of(stage, "stg")
        assert stage.app.session.read_only
        assert stage.app.theme == "trigdash-light"
        assert "read-only" in bar_of(stage)
        await command(stage, "profile workflow")
        await stage.until(lambda: "all time" in bar_of(stage), "no window of another system")
        await stage.until(lambda: shown_ids(stage), "workflow runs")
        assert not stage.app.session.read_only
        assert stage.app.theme == "trigdash-dark"
        assert " stg " not in bar_of(stage)
