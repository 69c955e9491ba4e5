"""The app as it is started, on every system of a simulated project, over real HTTP."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from textual.screen import Screen

from tests.fakes.clock import RunningClock
from tests.ui.live_harness import STILL, LiveHarness, NotedFaults
from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.commands.dashboard import opener
from trigdash.config.file import ConfigFile
from trigdash.config.official_cli import OfficialCli
from trigdash.config.profile import Profile, SecretSource
from trigdash.config.resolve import Flags, Settings
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.ui.app import TrigdashApp
from trigdash.ui.widgets.line import StatusBar
from trigdash.ui.widgets.row_table import RowTable


def settings_of(host: SimulatorHost, profile: str) -> Settings:
    """Profiles of the person's token, of a key alone, and of the other two systems."""
    token = Profile(
        "token",
        "a test",
        api_url=host.url,
        access_token=_value(host.access_token),
        project=host.project,
        environment="prod",
    )
    key = Profile(
        "key",
        "a test",
        api_url=host.url,
        secret=_value(host.world.environments["stg"].secret_key),
        read_only=True,
        theme="light",
    )
    others = [
        Profile(name, "a test", backend=name, api_url=url, secret=_value(secret))
        for name, url, secret in (
            ("workflow", host.workflow_url, host.workflow.key),
            ("recoup", host.recoup_url, host.recoup.key),
        )
    ]
    nowhere = Path(os.devnull)
    profiles = {each.name: each for each in (token, key, *others)}
    file = ConfigFile(nowhere, profile=profile, profiles=profiles)
    return Settings(Flags(), {}, file, OfficialCli(nowhere))


def _value(text: str) -> SecretSource:
    return SecretSource("value", value=Secret(text))


@asynccontextmanager
async def open_world(
    profile: str = "token", *, runs: int = 40, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[LiveHarness]:
    """Serve a world with four environments and three systems, and open the app on it."""
    clock = RunningClock()
    host = SimulatorHost(scenario=STILL, runs=runs, clock=clock, rate=Rate(0, 0))
    faults = host.state.faults = NotedFaults()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        settings = settings_of(host, profile)
        target = Target(api_url=host.url, secret_key=Secret(host.secret_key))
        backend = open_backend(target, clock)
        stack.push_async_callback(backend.aclose)
        app = TrigdashApp(opener(lambda: settings, clock), settings.ui(), clock)
        pilot = await stack.enter_async_context(app.run_test(size=size, notifications=True))
        yield LiveHarness(app, pilot, host, backend, faults)


def ids_of(stage: LiveHarness, slug: str) -> set[str]:
    return {run.id for run in stage.host.world.environments[slug].runs.all}


def shown_ids(stage: LiveHarness) -> set[str]:
    """Ids in every table of every screen there is."""
    screens: list[Screen[object]] = list(stage.app.screen_stack)
    return {
        row.id
        for screen in screens
        for table in screen.query(RowTable)
        for row in table.rows
        if str(getattr(row, "id", "")).startswith("run_")
    }


def bar_of(stage: LiveHarness) -> str:
    return stage.app.screen.query_one(StatusBar).plain_text


async def rows_of(stage: LiveHarness, slug: str) -> None:
    """Wait until the list shows runs of an environment, which the bar names."""
    await stage.until(lambda: shown_ids(stage) & ids_of(stage, slug), f"runs of {slug}")
    await stage.until(lambda: f" {slug} " in bar_of(stage), f"{slug} in the bar")


async def command(stage: LiveHarness, line: str) -> None:
    """Type a command."""
    await stage.press("colon", *["space" if letter == " " else letter for letter in line], "enter")
