"""Themes are tried before they are chosen, and kept for the next start."""

from __future__ import annotations

from pathlib import Path

from textual.color import Color

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app, run_row
from trigdash.config.options import THEMES, UiSettings
from trigdash.ui.dialogs.picker import ThemePicker
from trigdash.ui.theme.paint import paint_of


def backend() -> FakeBackend:
    made = FakeBackend()
    made.add([run_row(1)])
    return made


def settings(path: Path, **changes: object) -> UiSettings:
    return UiSettings(server="127.0.0.1", state_file=path / "state.json", **changes)  # type: ignore[arg-type]


async def picking(harness: Harness) -> None:
    await harness.until(lambda: harness.ids)
    harness.app.action_choose_theme()
    await harness.until(lambda: isinstance(harness.app.screen, ThemePicker))


async def test_each_theme_is_shown_while_it_is_highlighted(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picking(harness)
        palettes = [paint_of(harness.app).palette.name]
        for _ in THEMES[1:]:
            await harness.press("j")
            palettes.append(paint_of(harness.app).palette.name)
        assert palettes == ["dark", "light", "contrast", "safe", "sixteen", "plain"]
        await harness.press("escape")
        await harness.until(lambda: harness.app.theme == "trigdash-dark")


async def test_the_chosen_theme_and_marks_are_kept_and_the_command_line_wins(
    tmp_path: Path,
) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await picking(harness)
        await harness.press("j", "j", "a", "enter")
        await harness.until(lambda: harness.app.screen is harness.runs)
    async with open_app(backend(), settings(tmp_path, theme="light")) as harness:
        assert (harness.app.theme, harness.app.ascii_marks) == ("trigdash-contrast", True)
        await picking(harness)
        await harness.press("a")
        await harness.until(lambda: not harness.app.ascii_marks)
    given = settings(tmp_path, theme="light", is_theme_given=True)
    async with open_app(backend(), given) as harness:
        assert (harness.app.theme, harness.app.ascii_marks) == ("trigdash-light", False)


async def test_without_color_nothing_on_screen_has_one(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path, theme="plain")) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("question_mark")
        await harness.pilot.pause()
        styles = [
            segment.style
            for line in harness.app.screen._compositor.render_strips()
            for segment in line.apply_filter(harness.app.get_line_filters()[-1], Color(0, 0, 0))
            if segment.style is not None
        ]
        assert styles
        for style in styles:
            for color in (style.color, style.bgcolor):
                assert color is None or color.is_default, style


async def test_the_command_line_takes_a_theme_or_opens_the_picker(tmp_path: Path) -> None:
    async with open_app(backend(), settings(tmp_path)) as harness:
        await harness.until(lambda: harness.ids)
        await harness.press("colon", *"theme safe", "enter")
        await harness.until(lambda: harness.app.theme == "trigdash-safe")
        await harness.press("colon", *"theme", "enter")
        await harness.until(lambda: isinstance(harness.app.screen, ThemePicker))
