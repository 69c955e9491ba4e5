"""Hints: each is given once, after the longer way was gone a few times."""

from __future__ import annotations

import re
from pathlib import Path

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.config.options import UiSettings
from trigdash.ui.hints import HINTS
from trigdash.ui.input.keys import GROUPS


def settings(path: Path | None, **changes: object) -> UiSettings:
    told: dict[str, object] = {"server": "127.0.0.1", **changes}
    return UiSettings(state_file=path and path / "state.json", **told)  # type: ignore[arg-type]


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(n) for n in range(1, 9)])
    return made


async def filter_twice(harness: Harness) -> list[str]:
    """Filter two times; the hints that this brought."""
    await harness.until(lambda: harness.ids)
    for line in ("status:completed", "task:send-email"):
        harness.runs.apply_line(line)
    await harness.rest()
    return [toast for toast in harness.toasts() if toast.startswith("hint: ")]


async def test_a_hint_is_given_once_and_stays_away_after_the_next_start(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        (hint,) = await filter_twice(harness)
        assert hint.startswith("hint: f takes a value of the highlighted run")
        assert await filter_twice(harness) == [hint]
    async with open_app(backend(), settings(tmp_path)) as harness:
        assert await filter_twice(harness) == []


async def test_a_hint_names_the_users_own_key(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path, keys={"run.take": "ctrl+k"})) as harness:
        (hint,) = await filter_twice(harness)
        assert "hint: ctrl+k takes" in hint


async def test_where_no_choices_are_kept_nothing_is_told(tmp_path: Path) -> None:
    async with open_app(backend(), settings(None)) as harness:
        assert await filter_twice(harness) == []


async def test_marking_row_by_row_is_heard_as_well(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("space", "space", "space")
        assert not harness.toasts()
        await harness.press("space")
        assert harness.toasts() == ["hint: ctrl+a marks all rows; X acts on all that match"]


def test_hints_name_keys_that_there_are() -> None:
    known = {key.id for group in GROUPS.values() for key in group}
    named = {key for hint in HINTS.values() for key in re.findall(r"{(.+?)}", hint.words)}
    assert named <= known
