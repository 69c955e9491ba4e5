"""The program before anything is configured: one screen that asks how to continue."""

from __future__ import annotations

import os

from typing_extensions import override

from trigdash.config.options import UiSettings
from trigdash.ui.app_base import QuietCrash
from trigdash.ui.input.key_order import KeyOrder
from trigdash.ui.input.safe_output import SafeOutput
from trigdash.ui.screens.connect import ConnectScreen, Way
from trigdash.ui.theme.paint import PREFIX, THEMES, theme_name, variable_defaults
from trigdash.ui.theming import FirstTheme


class ConnectApp(KeyOrder, SafeOutput, FirstTheme, QuietCrash):
    """Shows the connect screen. `way` says how it was answered."""

    TITLE = "trigdash"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, screen: ConnectScreen, ui: UiSettings) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.way = Way()
        self.ascii_marks = ui.ascii
        self.animation_level = "none"
        self._first = screen
        self.start_in(f"{PREFIX}{ui.theme or 'dark'}", THEMES)

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def on_mount(self) -> None:
        if not self.is_headless:
            self.theme = theme_name(self.theme, self.console.color_system, self.no_color)
        self.push_screen(self._first, self._leave)

    def _leave(self, way: Way | None) -> None:
        self.way = way or Way()
        self.exit()
