"""The pictures in `screenshots/` say what the program says today: `make pictures` draws them anew.

Colors and pixels may differ; a word that differs means that a picture is stale.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pictures import NAMES, THEMES, TRIES, open_stage, picture, tour, words

FOLDER = Path(__file__).parents[1] / "screenshots"


@pytest.fixture(autouse=True)
def _in_one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", NAMES)
async def test_a_picture_says_what_its_screen_says(name: str) -> None:
    """A stale picture differs however often the screen is taken: each try has a new project, since
    on a busy machine a first one may have been disturbed."""
    kept = {(FOLDER / f"{name}-{theme}.svg").read_text(encoding="utf-8") for theme in THEMES}
    now = ""
    for _ in range(TRIES):
        async with open_stage() as stage:
            now = words(await picture(stage, name, "dark"))
        if {words(svg) for svg in kept} == {now}:
            break
    assert [words(svg) for svg in kept] == [now] * len(THEMES), "stale: run make pictures"


def test_the_tour_shows_the_pictures_of_today() -> None:
    kept = (FOLDER / "tour.svg").read_text(encoding="utf-8")
    assert kept == tour(FOLDER), "stale: run make pictures"


def test_there_is_no_picture_of_what_is_gone() -> None:
    expected = {f"{name}-{theme}.svg" for name in NAMES for theme in THEMES}
    assert {path.name for path in FOLDER.glob("*-*.svg")} == expected


def test_a_picture_fetches_nothing() -> None:
    for path in FOLDER.glob("*.svg"):
        assert "url(http" not in path.read_text(encoding="utf-8").replace('"', ""), path.name
