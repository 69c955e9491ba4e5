"""Waits of commands: a line that goes again on a terminal, a note elsewhere once they add up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from typing_extensions import override

from tests.fakes.clock import FakeClock
from trigdash.backends.rate import OVERDRAW_S, SPENT, Governor, Urgency
from trigdash.backends.waits import on_wait
from trigdash.commands.environment import AGAIN_S, WaitNotes


class TerminalText(StringIO):
    @override
    def isatty(self) -> bool:
        return True


def test_short_waits_are_noted_once_they_add_up_and_then_once_a_minute() -> None:
    said = StringIO()
    notes = WaitNotes(said)
    for _ in range(3 + int(AGAIN_S / 2)):
        notes(2.0, "the share is\x1b[31m spent")
        notes(0.0, "")
    lines = said.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("waiting 2 s: the share is")
    assert "\x1b" not in said.getvalue()


def test_on_a_terminal_a_wait_is_a_line_that_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    said = TerminalText()
    notes = WaitNotes(said)
    notes(0.4, "a short one")
    notes(0.0, "")
    assert said.getvalue() == ""
    notes(12.0, "the server asks to wait")
    notes(0.0, "")
    assert said.getvalue() == "waiting 12 s: the s\r\x1b[K"


async def test_who_spends_the_share_hears_why_it_waits() -> None:
    heard: list[tuple[float, str]] = []
    on_wait.set(lambda seconds, why: heard.append((seconds, why)))
    clock = FakeClock()
    governor = Governor(clock, share=0.1)
    governor.observe(100, 100, datetime(2026, 3, 4, 13, tzinfo=UTC) + timedelta(minutes=1))

    async def ask() -> None:
        for _ in range(governor.allowance + 2):
            await governor.admit(Urgency.READ)

    asking = asyncio.create_task(ask())
    await clock.advance(10)
    await asking
    assert heard == [(OVERDRAW_S, SPENT), (0.0, "")]
