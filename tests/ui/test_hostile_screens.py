"""Hostile text in every answer of a project: no screen, dialog, toast or clipboard lets it act.

Generated from the routes, the registry and the keys: a new resource, and what its actions ask, is
covered as soon as it is registered; a new screen must be on the tour or say why it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from random import Random
from typing import Any

import pytest
from textual.screen import ModalScreen
from typing_extensions import override

from tests.drift.screens import DriftingHttp, Looking, Visit, look, looking_at, visits_of
from tests.hostile import CORPUS, forbidden_in
from tests.simulator.callers import Served
from trigdash.ui import screens
from trigdash.ui.app import TrigdashApp
from trigdash.ui.command_runner import COMMANDS, read
from trigdash.ui.routes import DETAIL_ROUTES, ROUTES
from trigdash.ui.screens.base import LiveScreen

ALL_ROUTES = (*ROUTES.values(), *DETAIL_ROUTES.values())

_MEANT = re.compile(r"^([a-z]+_[\w-]+|[A-Z_]+|https?://.*|[\d.:TZ-]+|v?\d.*)$")
"""Texts that mean something to the client: ids, statuses, addresses, times, versions."""
_KEPT = frozenset(
    {"slug", "pagination", "type", "externalRef", "kind", "generator", "level", "style"}
)


class HostileHttp(DriftingHttp):
    """A project in which every free text ends with hostile ones."""

    @override
    def changed(self, shape: str, body: bytes) -> bytes:
        self.sent[shape] += 1
        return json.dumps(self._hostile(json.loads(body))).encode()

    def _hostile(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k in _KEPT else self._hostile(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._hostile(each) for each in value]
        if not isinstance(value, str) or _MEANT.match(value):
            return value
        return f"{value} {self.random.choice(CORPUS)} pwned {self.random.choice(CORPUS)}"


KEYS = ("ctrl+r", "y", "ctrl+s", "escape", "down", "y")

LINES = ("grep e", "actions")
"""Commands that open what is neither a place nor a thing."""

NOT_SHOWN: dict[str, str] = {}
"""Screens that the tour cannot open, each with its reason."""

ASKS = ("write", "act(")
"""How actions of keys begin that ask before they write."""


@pytest.mark.slow
async def test_no_screen_lets_hostile_text_act() -> None:
    http = HostileHttp(Served(runs=80, version="4.8"), Random(7))
    hostile = 0
    async with looking_at(http) as looking:
        looked = Looked(looking)
        visits = await visits_of(http.served, ["COMPLETED_WITH_ERRORS"])
        for visit in (*visits, *map(line, LINES)):
            await look(looking, visit, KEYS)
            hostile += looked.is_hostile()
    assert hostile > 20, "it is shown on most screens"
    assert len(looked.copied) > 10
    assert looked.found == []
    # A screen that is new is visited by itself where it has a route, and else named here.
    assert {screen.__name__ for screen in screens_there_are() - looked.seen} == set(NOT_SHOWN)


@pytest.mark.slow
async def test_no_question_before_a_write_lets_hostile_text_act() -> None:
    http = HostileHttp(Served(runs=80, version="4.8"), Random(7))
    asked = 0
    async with looking_at(http) as looking:
        looked = Looked(looking)
        http.drifts = True
        for name in ROUTES:
            await looking.app.go(name)
            await looking.rest()
            for key in asking_keys(looking.app):
                looked.is_hostile()
                await looking.press(key)
                asked += isinstance(looking.app.screen, ModalScreen) and looked.is_hostile()
                await leave_all(looking)
    assert asked > 20, "it is shown in most questions"
    assert looked.found == []


async def leave_all(looking: Looking) -> None:
    """Leave every question unanswered."""
    while isinstance(looking.app.screen, ModalScreen):
        await looking.press("escape")


def asking_keys(app: TrigdashApp) -> list[str]:
    """The keys of the screen in front that ask something before they write."""
    bound = app.screen.active_bindings
    return [key for key, each in bound.items() if each.binding.action.startswith(ASKS)]


def line(words: str) -> Visit:
    """What a command opens."""
    return lambda looking: looking.app.commands.run(read(words, COMMANDS))


def screens_there_are() -> set[type[Any]]:
    """The classes of every screen over live data: those of the routes, and those that nothing is
    derived from."""
    for module in walk_packages(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    routed = {getattr(import_module(each.module), each.screen) for each in ALL_ROUTES}
    return routed | set(leaves(LiveScreen))


def leaves(kind: type[Any]) -> Iterator[type[Any]]:
    """What is derived from a class, and is nothing's base."""
    for each in kind.__subclasses__():
        if each.__subclasses__():
            yield from leaves(each)
        elif each.__module__.startswith("trigdash."):
            yield each


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and line feed: pasted into a terminal, they act."""


class Looked:
    """What was on screen and in the clipboard after each key."""

    def __init__(self, looking: Looking) -> None:
        self.found: list[str] = []
        self.seen: set[type[Any]] = set()
        self.copied: set[str] = set()
        self._shown = ""
        self._looking = looking
        looking.after_key = self.look

    def look(self) -> None:
        app = self._looking.app
        self.seen.add(type(app.screen))
        strips = app.screen._compositor.render_strips()
        text = "\n".join(segment.text for strip in strips for segment in strip)
        toasts = [f"{note.title} {note.message}" for note in app._notifications]
        self._shown += text
        self.copied.add(app.clipboard)
        where = f"{type(app.screen).__name__}: "
        for shown in (text, app.title, app.sub_title, *toasts):
            self.found += [where + words for words in forbidden_in(shown.encode())]
        for shown in (text, *toasts, app.clipboard):
            if CONTROL.search(shown):
                self.found.append(f"{where}a control character in {shown[:80]!a}")

    def is_hostile(self) -> bool:
        shown, self._shown = self._shown, ""
        return "pwned" in shown
