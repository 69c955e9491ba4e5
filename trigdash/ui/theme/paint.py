"""How roles look: a role and a ground become a style here, and nowhere else. A role says what a
text means ("bad", "dim"); a ground is its background ("plain", "cursor"). Cells and widgets name
roles only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from trigdash.presentation.cell import LINKED
from trigdash.presentation.marks import ASCII_MARKS, status_mark, status_role
from trigdash.ui.theme.palette import (
    CONTRAST_COLORS,
    DARK,
    DARK_COLORS,
    GROUNDS,
    LIGHT,
    LIGHT_COLORS,
    PLAIN,
    ROLES,
    SAFE_COLORS,
    SIXTEEN,
    Palette,
    palette_of,
)

CONTRAST: Final = palette_of("contrast", CONTRAST_COLORS)
SAFE: Final = palette_of("safe", SAFE_COLORS)
FEW_COLORS: Final = ("standard", None)
"""Color systems, as Rich names them, of consoles and of terminals that say they have no colors."""
_PALETTES: Final = {each.name: each for each in (DARK, LIGHT, CONTRAST, SAFE, SIXTEEN, PLAIN)}


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
            role, _, address = role.partition(LINKED)
            if address:
                plain = self.style(role, ground)
                return _leading_to(plain, address) if self.palette.has_links else plain
            style = self._styles[role, ground] = self._make(role, ground)
        return style

    def text(self, text: str) -> str:
        """`text` as this terminal can show it."""
        if not self.ascii_marks or text.isascii():
            return text
        return text.translate(ASCII_MARKS)

    def _make(self, role: str, ground: str) -> Style:
        palette = self.palette
        look = palette.looks.get(role) or palette.looks["text"]
        if palette.reverse_cursor and ground in ("cursor", "selected"):
            # Colors of one's own would each turn into a ground: the row would be a patchwork.
            return Style(bold=look.bold, reverse=True)
        background = look.ground or palette.grounds.get(ground)
        steps = {"cursor": palette.lifted, "plain": {}}.get(ground, palette.raised)
        color = steps.get(role, look.color)
        return Style(
            color=Color.parse(color) if color else None,
            bgcolor=Color.parse(background) if background else None,
            bold=look.bold,
            dim=look.dim,
            reverse=look.reverse,
            underline=look.underline,
        )


@lru_cache(maxsize=256)
def _leading_to(style: Style, address: str) -> Style:
    """A style whose text is a hyperlink of the terminal (OSC 8)."""
    return style.update_link(address)


@lru_cache(maxsize=16)
def paint(palette_name: str, ascii_marks: bool = False) -> Paint:
    """The paint of a palette by its name: dark, light, contrast, safe, sixteen or plain."""
    return Paint(_PALETTES[palette_name], ascii_marks)


def paint_of(app: App[object]) -> Paint:
    """The paint that fits an app's theme and terminal.

    An app whose attribute `ascii_marks` is true gets the ASCII mark set.
    """
    ascii_marks = bool(getattr(app, "ascii_marks", False))
    if app.no_color or app.theme == PLAIN_THEME.name:
        return paint("plain", ascii_marks)
    # Without a terminal (pictures, tests) the colors are ours, regardless of the environment.
    few_colors = app.console.color_system in FEW_COLORS and not app.is_headless
    if app.native_ansi_color or few_colors:
        return paint("sixteen", ascii_marks)
    own = app.theme.removeprefix(PREFIX)
    usual = "dark" if app.current_theme.dark else "light"
    return paint(own if own in _PALETTES else usual, ascii_marks)


def _theme(name: str, colors: Mapping[str, str], dark: bool) -> Theme:
    """A Textual theme from our colors; `$ground-<name>` and `$role-<name>` are usable in CSS."""
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


PREFIX: Final = "trigdash-"
"""What the names of our themes begin with; then comes the name that people choose by."""

DARK_THEME: Final = _theme(f"{PREFIX}dark", DARK_COLORS, dark=True)
LIGHT_THEME: Final = _theme(f"{PREFIX}light", LIGHT_COLORS, dark=False)
CONTRAST_THEME: Final = _theme(f"{PREFIX}contrast", CONTRAST_COLORS, dark=True)
SAFE_THEME: Final = _theme(f"{PREFIX}safe", SAFE_COLORS, dark=True)
TERMINAL_THEME: Final = Theme(
    name="trigdash-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_bright_blue",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables=BUILTIN_THEMES["ansi-dark"].variables
    | {f"ground-{ground}": "ansi_default" for ground in GROUNDS}
    | {
        f"role-{role}": f"ansi_{look.color}"
        for role, look in SIXTEEN.looks.items()
        if look.color is not None and look.ground is None
    }
    | {
        "production": "ansi_red",
        "production-text": "ansi_bright_white",
        "block-cursor-background": "ansi_white",
        "block-cursor-foreground": "ansi_black",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)
"""For 16 colors and NO_COLOR: the terminal's own ground and its own names of colors."""

PLAIN_THEME: Final = replace(
    TERMINAL_THEME,
    name=f"{PREFIX}plain",
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    success="ansi_default",
)
"""No color at all: `get_line_filters` of the app takes away what is left."""

THEMES: Final = (
    DARK_THEME,
    LIGHT_THEME,
    CONTRAST_THEME,
    SAFE_THEME,
    TERMINAL_THEME,
    PLAIN_THEME,
)
"""To register in the app's `__init__`: `for theme in THEMES: self.register_theme(theme)`."""


def theme_name(preferred: str, color_system: str | None, no_color: bool) -> str:
    """The name of the theme to start with: the preferred one, where the terminal can show it."""
    if no_color or (color_system in FEW_COLORS and preferred != PLAIN_THEME.name):
        return TERMINAL_THEME.name
    return preferred


def variable_defaults() -> dict[str, str]:
    """Values of our CSS variables under a theme that is not ours.

    To return from the app's `get_theme_variable_defaults`: a variable that no theme defines makes
    the stylesheet fail.
    """
    return dict(DARK_THEME.variables)


__all__ = [
    "DARK_THEME",
    "LIGHT_THEME",
    "PLAIN_THEME",
    "PREFIX",
    "ROLES",
    "TERMINAL_THEME",
    "THEMES",
    "Paint",
    "paint",
    "paint_of",
    "status_mark",
    "status_role",
    "theme_name",
    "variable_defaults",
]
