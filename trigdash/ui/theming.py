"""The app's themes: the first one at no cost, others with a preview, the chosen one kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter, NoColor
from textual.theme import Theme
from typing_extensions import override

from trigdash.config.options import THEMES as NAMES
from trigdash.ui.theme.paint import PLAIN_THEME, PREFIX, theme_name

if TYPE_CHECKING:
    from trigdash.service.session import Session

_ABOUT = {
    "dark": "the usual one",
    "light": "dark on light",
    "contrast": "high contrast, at least 7 to 1",
    "safe": "for the color-blind",
    "terminal": "16 colors, the terminal's own",
    "plain": "no color, as with NO_COLOR",
}


class OnKnownGround(LineFilter):
    """Converts the terminal's own colors where the ground has a value. For a frame between two
    themes it has none, and Textual's filter fails."""

    def __init__(self, converts: ANSIToTruecolor) -> None:
        super().__init__()
        self._converts = converts

    @override
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if background.rich_color.triplet is None:
            return segments
        return self._converts.apply(segments, background)


@lru_cache(maxsize=4)
def _on_known_ground(converts: ANSIToTruecolor) -> OnKnownGround:
    return OnKnownGround(converts)


class FirstTheme(App[int]):
    """Textual reads all CSS again when the first theme is set and again for the first screen of a
    mode: a tenth of the time to the first frame, for the same result each time."""

    _first_theme: str = ""
    _other_theme: bool = False
    """Whether another theme was ever set: from then on screens may be styled in an older one."""

    def start_in(self, theme: str, themes: Iterable[Theme]) -> None:
        """Know these themes and start in one of them; call once, at the end of `__init__`."""
        for each in themes:
            self.register_theme(each)
        self.theme = self._first_theme = theme
        self.stylesheet.set_variables(self.get_css_variables())

    @override
    def refresh_css(self, animate: bool = True) -> None:
        self._other_theme = self._other_theme or self.theme != self._first_theme
        if self._other_theme:
            super().refresh_css(animate)

    @override
    def get_line_filters(self) -> Sequence[LineFilter]:
        """The filters of every line, made safe for a change of themes; without color, what styles
        of Textual's own would still bring is taken away."""
        filters = [
            _on_known_ground(each) if isinstance(each, ANSIToTruecolor) else each
            for each in super().get_line_filters()
        ]
        return [*filters, NoColor()] if self.theme == PLAIN_THEME.name else filters


class ChoosesThemes(FirstTheme):
    """An app whose theme is chosen on screen, and kept for the profile."""

    session: Session
    ascii_marks: bool

    def wanted_theme(self) -> str:
        """The theme of the command line, of the last choice, or of the settings."""
        settings, kept = self.session.settings, self.session.choices.get("theme")
        chosen = kept if kept in NAMES and not settings.is_theme_given else settings.theme
        return f"{PREFIX}{chosen or NAMES[0]}"

    def wants_ascii(self) -> bool:
        """Whether marks are drawn with ASCII, by the settings or the last choice."""
        return self.session.settings.ascii or self.session.choices.get("ascii") is True

    def choose_theme(self, name: str) -> None:
        """Draw in a theme; on terminals with few colors or none in the terminal's own."""
        if not self.is_headless:
            name = theme_name(name, self.console.color_system, self.no_color)
        if name != self.theme:
            self.theme = name

    def keep_theme(self, name: str) -> None:
        """Draw in a theme from now on, by the name that people choose it by."""
        self.choose_theme(f"{PREFIX}{name}")
        self.session.choices.save("theme", name)

    def toggle_ascii(self) -> None:
        """Draw with ASCII only, or with all marks again."""
        self.ascii_marks = not self.ascii_marks
        self.session.choices.save("ascii", self.ascii_marks or None)
        self.theme_changed_signal.publish(self.current_theme)
        self.screen.refresh(layout=True)

    def action_choose_theme(self) -> None:
        """Ask for a theme; each is shown while it is highlighted."""
        from trigdash.ui.dialogs.picker import Option, ThemePicker

        before = self.theme
        options = [Option(name, name, _ABOUT[name], before == f"{PREFIX}{name}") for name in NAMES]

        def picked(name: str | None) -> None:
            if name is None:
                self.choose_theme(before)
            else:
                self.keep_theme(name)

        def preview(name: str) -> None:
            self.choose_theme(f"{PREFIX}{name}")

        self.push_screen(ThemePicker("theme", options, preview), picked)
