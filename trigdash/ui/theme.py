"""How roles look: a role and a ground become a style here, and nowhere else.

A role says what a text means ("bad", "dim"); a ground says what it stands on ("plain", "cursor").
Cells and widgets name roles only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.theme import Theme

from trigdash.ui.marks import ASCII_MARKS, status_mark, status_role
from trigdash.ui.palette import (
    DARK,
    DARK_COLORS,
    GROUNDS,
    LIGHT,
    LIGHT_COLORS,
    PLAIN,
    ROLES,
    SIXTEEN,
    Palette,
)


@dataclass(frozen=True)
class Paint:
    """A palette ready to draw with: styles by role and ground, and the mark set."""

    palette: Palette
    ascii_marks: bool = False
    _styles: dict[tuple[str, str], Style] = field(default_factory=dict, compare=False, repr=False)

    def style(self, role: str, ground: str = "plain") -> Style:
        """The style of a role on a ground, always the same object."""
        style = self._styles.get((role, ground))
        if style is None:
            style = self._styles[role, ground] = self._make(role, ground)
        return style

    def text(self, text: str) -> str:
        """`text` as this terminal can show it."""
        if not self.ascii_marks or text.isascii():
            return text
        return text.translate(ASCII_MARKS)

    def _make(self, role: str, ground: str) -> Style:
        looks = self.palette.looks
        look = looks.get(role) or looks["text"]
        background = look.ground or self.palette.grounds.get(ground)
        reverse = look.reverse or (self.palette.reverse_cursor and ground in ("cursor", "selected"))
        return Style(
            color=Color.parse(look.color) if look.color else None,
            bgcolor=Color.parse(background) if background else None,
            bold=look.bold,
            dim=look.dim,
            reverse=reverse or None,
            underline=look.underline,
        )


@lru_cache(maxsize=16)
def paint(palette_name: str, ascii_marks: bool = False) -> Paint:
    """The paint of a palette by its name: dark, light, sixteen or plain."""
    by_name = {palette.name: palette for palette in (DARK, LIGHT, SIXTEEN, PLAIN)}
    return Paint(by_name[palette_name], ascii_marks)


def paint_of(app: App[object]) -> Paint:
    """The paint that fits an app's theme and terminal.

    An app whose attribute `ascii_marks` is true gets the ASCII mark set.
    """
    ascii_marks = bool(getattr(app, "ascii_marks", False))
    if app.no_color:
        return paint("plain", ascii_marks)
    if app.native_ansi_color or app.console.color_system == "standard":
        return paint("sixteen", ascii_marks)
    return paint("dark" if app.current_theme.dark else "light", ascii_marks)


def _theme(name: str, colors: Mapping[str, str], dark: bool) -> Theme:
    """A Textual theme from our colours; `$ground-<name>` and `$role-<name>` are usable in CSS."""
    variables = {f"ground-{ground}": colors[ground] for ground in GROUNDS}
    variables |= {f"role-{role}": colors[role] for role in ROLES if role in colors}
    variables |= {
        "production": colors["production"],
        "production-text": colors["production-text"],
        "block-cursor-background": colors["cursor"],
        "block-cursor-foreground": colors["strong"],
        "block-cursor-text-style": "none",
        "footer-background": colors["raised"],
        "footer-key-foreground": colors["accent"],
        "input-selection-background": f"{colors['accent']} 30%",
        "scrollbar": colors["hairline"],
        "scrollbar-hover": colors["faint"],
        "scrollbar-active": colors["accent"],
        "scrollbar-background": colors["plain"],
        "scrollbar-background-hover": colors["plain"],
        "scrollbar-background-active": colors["plain"],
        "border": colors["hairline"],
        "border-blurred": colors["hairline"],
    }
    return Theme(
        name=name,
        primary=colors["accent"],
        secondary=colors["running"],
        accent=colors["accent"],
        warning=colors["warn"],
        error=colors["bad"],
        success=colors["good"],
        foreground=colors["text"],
        background=colors["plain"],
        surface=colors["plain"],
        panel=colors["raised"],
        boost=colors["raised"],
        dark=dark,
        variables=variables,
    )


DARK_THEME: Final = _theme("trigdash-dark", DARK_COLORS, dark=True)
LIGHT_THEME: Final = _theme("trigdash-light", LIGHT_COLORS, dark=False)
THEMES: Final = (DARK_THEME, LIGHT_THEME)
"""To register with the app: `for theme in THEMES: app.register_theme(theme)`."""

__all__ = [
    "DARK_THEME",
    "LIGHT_THEME",
    "ROLES",
    "THEMES",
    "Paint",
    "paint",
    "paint_of",
    "status_mark",
    "status_role",
]
