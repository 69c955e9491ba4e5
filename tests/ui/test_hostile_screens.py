"""Hostile text in every answer of a project: no screen, dialog, toast or clipboard lets it act.

Generated from the routes and the registry: a new resource is covered as soon as it is registered.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from typing_extensions import override

from tests.drift.screens import DriftingHttp, Looking, look, looking_at, visits_of
from tests.hostile import CORPUS, forbidden_in
from tests.simulator.callers import Served

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


@pytest.mark.slow
async def test_no_screen_lets_hostile_text_act() -> None:
    http = HostileHttp(Served(runs=80, version="4.8"), Random(7))
    hostile = 0
    async with looking_at(http) as looking:
        looked = Looked(looking)
        for visit in await visits_of(http.served, ["COMPLETED_WITH_ERRORS"]):
            await look(looking, visit, KEYS)
            hostile += looked.is_hostile()
    assert hostile > 10, "it is shown on most screens"
    assert len(looked.copied) > 10
    assert looked.found == []


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and line feed: pasted into a terminal, they act."""


class Looked:
    """What was on screen and in the clipboard after each key."""

    def __init__(self, looking: Looking) -> None:
        self.found: list[str] = []
        self.copied: set[str] = set()
        self._shown = ""
        self._looking = looking
        looking.after_key = self.look

    def look(self) -> None:
        app = self._looking.app
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
