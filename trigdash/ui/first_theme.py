"""An app in themes of its own, whose style sheet is read once as long as the theme stays."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App
from textual.theme import Theme
from typing_extensions import override


class FirstTheme(App[int]):
    """Textual reads all CSS again when the first theme is set and again for the first screen of a
    mode: a tenth of the time to the first frame, for the same result each time."""

    _first_theme: str = ""
    _other_theme: bool = False
    """Whether another theme was ever set: from then on screens may be styled in an older one."""

    def begin_in(self, theme: str, themes: Iterable[Theme]) -> None:
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
