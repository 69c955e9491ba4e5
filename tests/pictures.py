"""Pictures of every screen: `python -m tests.pictures FOLDER` writes each as SVG, dark and light.

They are taken from the real program over real HTTP, on a simulated project of a fixed seed whose
clock stands still: the same program draws the same pictures. A test compares what the kept ones say
with what the program says (`tests/test_pictures.py`).
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from textual.pilot import Pilot

from tests.fakes.clock import BETWEEN_SCHEDULES, FakeClock
from tests.ui.harness import at_rest
from trigdash.backends import open_backend
from trigdash.backends.target import Secret, Target
from trigdash.config.login import Answers
from trigdash.config.options import Destination, UiSettings
from trigdash.service.cache.store import State
from trigdash.service.connection import Connection
from trigdash.simulator.http.host import SimulatorHost
from trigdash.simulator.http.ratelimit import Rate
from trigdash.simulator.scenarios.definitions import INCIDENT
from trigdash.ui.app import TrigdashApp
from trigdash.ui.connect_app import ConnectApp
from trigdash.ui.screens.connect import ConnectScreen

SIZE = (120, 36)
THEMES = ("dark", "light")
PATIENCE_S = 20.0
QUIET_TURNS = 8
"""Looks in a row that find nothing under way, after which a screen is whole."""
TRIES = 3
"""On a busy machine a request may fail, and its repetition waits for a clock that stands still."""
FAILED = ":runs status:failed"

STORIES: dict[str, tuple[str, ...]] = {
    "runs": (FAILED, "esc", "end", "home"),
    "failed-runs": (FAILED,),
    "run": (FAILED, "enter"),
    "trace": (FAILED, "enter", "t", "!"),
    "events": (FAILED, "enter", "e"),
    "payload": (FAILED, "enter", "p"),
    "related": (FAILED, "enter", "r"),
    "why": (":runs status:queued", "W"),
    "now": ("0",),
    "queues": ("2",),
    "queue": ("2", "enter"),
    "batches": ("3",),
    "errors": ("4",),
    "tasks": ("5",),
    "deployments": ("6",),
    "schedules": ("7",),
    "limits": ("8",),
    "more": ("9",),
    "environments": ("ctrl+e",),
    "split": (FAILED, ":split stg"),
    "help": ("?",),
    "sort": ("s",),
    "window": ("z",),
    "columns": ("c",),
    "cancel": (FAILED, "esc", "C"),
    "replay": (FAILED, "R"),
    "bulk": (FAILED, "X"),
}
"""Name → the keys that lead there from the run list, and lines of commands."""

TOUR = ("now", "failed-runs", "run", "trace", "queues", "replay")
"""The pictures of the one that moves, in its order."""
FRAME_S = 4


@dataclass
class Stage:
    """A simulated project whose time stands still."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(BETWEEN_SCHEDULES))

    def __post_init__(self) -> None:
        self.host = SimulatorHost(scenario=INCIDENT, runs=600, clock=self.clock, rate=Rate(0, 0))

    def app(self, theme: str) -> TrigdashApp:
        """The dashboard on this project."""
        target = Target(
            api_url=self.host.url,
            access_token=Secret(self.host.access_token),
            project=self.host.project,
            environment="prod",
        )

        async def open_connection(where: Destination) -> Connection:
            there = replace(target, environment=where.environment or target.environment)
            return Connection(open_backend(there, self.clock), self.clock)

        settings = UiSettings(theme=theme, environment="prod", server="api.trigger.dev")
        return TrigdashApp(open_connection, settings, self.clock)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Serve the project while the block lasts, on one clock in one time zone."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    stage = Stage()
    async with stage.host:
        yield stage


async def picture(stage: Stage, name: str, theme: str) -> str:
    """One screen as SVG."""
    if name == "connect":
        return await _first_contact(theme)
    for _ in range(TRIES - 1):
        with suppress(TimeoutError):
            return await _story(stage, name, theme)
    return await _story(stage, name, theme)


async def _story(stage: Stage, name: str, theme: str) -> str:
    app = stage.app(theme)
    async with app.run_test(size=SIZE) as pilot:
        await _until_answered(pilot)
        for step in STORIES[name]:
            if step.startswith(":"):
                app.open_command_line(step[1:])
            await pilot.press("enter" if step.startswith(":") else NAMED.get(step, step))
            await _until_answered(pilot)
        app.clear_notifications()
        await _until_answered(pilot)
        return app.export_screenshot(title="trigdash")


NAMED = {"?": "question_mark", "!": "exclamation_mark", "esc": "escape"}
NAMES = ("connect", *STORIES)


async def _first_contact(theme: str) -> str:
    screen = ConnectScreen("no key is set", (), Answers("https://api.trigger.dev"), lambda _: None)
    app = ConnectApp(screen, UiSettings(theme=theme))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        return app.export_screenshot(title="trigdash")


async def _until_answered(pilot: Pilot[int]) -> None:
    """Wait until everything on screen has its answer; time stands still, so nothing else comes."""
    end = monotonic() + PATIENCE_S
    quiet = 0
    while quiet < QUIET_TURNS:
        if monotonic() > end:
            raise TimeoutError(pilot.app.screen)
        app = pilot.app
        assert isinstance(app, TrigdashApp)
        await at_rest(app)
        for screen in app.live_screens():
            screen.show_time(app.session.clock.now())
        connection = app.session.connection
        waits = connection is None or any(
            connection.snapshot(query).state is State.LOADING
            for query in connection.store.watched()
        )
        quiet = 0 if waits or app.session.identity is None else quiet + 1
        await asyncio.sleep(0.01)


def words(svg: str) -> str:
    """What a picture says, without its colors: a line for each row. What is left of the rate limit
    hangs on how many requests were on their way."""
    rows: dict[str, list[str]] = {}
    for row, text in re.findall(r'clip-path="url\(#[\w-]*line-(\d+)\)">([^<]*)</text>', svg):
        rows.setdefault(row, []).append(html.unescape(text).replace("\xa0", " "))
    said = "\n".join("".join(parts).rstrip() for parts in rows.values())
    return re.sub(r"rate [\d,]+/", "rate …/", said)


def _slim(svg: str) -> str:
    """The same picture: told apart from others by nothing but what it shows, and with a font of
    the reader's own machine instead of one from a server."""
    svg = re.sub(r"terminal-\d+-", "terminal-", svg)
    svg = re.sub(r"\s*<!--.*?-->", "", svg)
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def tour(folder: Path) -> str:
    """Some of the pictures as one that moves: each stands for some seconds."""
    length_s = len(TOUR) * FRAME_S
    shown = 100 / len(TOUR)
    parts = [
        f"<style>@keyframes turn {{ 0%, {shown:.2f}% {{ visibility: visible }}"
        f" {shown + 0.01:.2f}%, 100% {{ visibility: hidden }} }}"
        f" .frame {{ visibility: hidden; animation: turn {length_s}s step-end infinite }}</style>"
    ]
    for number, name in enumerate(TOUR):
        svg = (folder / f"{name}-{THEMES[0]}.svg").read_text(encoding="utf-8")
        head, _, rest = svg.partition(">")
        drawn = rest.replace("terminal-", f"frame{number}-").removesuffix("</svg>\n")
        delay_s = number * FRAME_S - length_s
        parts.append(f'<g class="frame" style="animation-delay: {delay_s}s">{drawn}</g>')
    return "\n".join((f"{head}>", *parts, "</svg>\n"))


async def take(folder: Path, names: Iterable[str] = NAMES) -> None:
    """Write the pictures."""
    for name in names:
        for _ in range(TRIES):
            drawn = {}
            for theme in THEMES:
                async with open_stage() as stage:
                    drawn[theme] = _slim(await picture(stage, name, theme))
            if len({words(svg) for svg in drawn.values()}) == 1:
                break
        for theme, svg in drawn.items():
            (folder / f"{name}-{theme}.svg").write_text(svg, encoding="utf-8")
    (folder / "tour.svg").write_text(tour(folder), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2:] or NAMES))
