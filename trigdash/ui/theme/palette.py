"""The colors: what each role and each ground looks like in each kind of terminal.

A color means the same thing everywhere: blue is running, sand is queued, violet is waiting, green
has succeeded, red has failed, orange deserves a look, gray is over; the accent is only for the
cursor and for keys. Every text has a contrast of at least 4.5 on every ground. There are
high-contrast colors, and colors for the color-blind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ROLES: Final = (
    "text",
    "strong",
    "dim",
    "faint",
    "accent",
    "running",
    "queued",
    "waiting",
    "later",
    "good",
    "bad",
    "bad-strong",
    "warn",
    "warn-strong",
    "done",
    "unknown",
    "title",
    "mark",
    "link",
    "match",
    "hairline",
    "production",
    "brand",
    "key",
    "fill",
)
"""Every role that a piece of text can have; an unknown name is drawn as "text"."""

GROUNDS: Final = ("plain", "raised", "cursor", "marked", "selected")
"""The backgrounds of text: the screen, the bar and footer, the row under the cursor, a marked row,
and the selected tab or chip."""


@dataclass(frozen=True, slots=True)
class RoleLook:
    """Color and weight of one role; no color means the terminal's own."""

    color: str | None = None
    bold: bool | None = None
    dim: bool | None = None
    reverse: bool | None = None
    underline: bool | None = None
    ground: str | None = None
    """A special ground (production, brand, match)."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The looks of all roles and the colors of all grounds."""

    name: str
    grounds: Mapping[str, str | None]
    looks: Mapping[str, RoleLook]
    reverse_cursor: bool = False
    """With few colors or none the row under the cursor is shown in reverse."""
    has_links: bool = True
    """Whether addresses become hyperlinks: a terminal of few colors may write them out."""
    lifted: Mapping[str, str] = field(default_factory=dict)
    """Colors of roles that come forward on the row under the cursor."""
    raised: Mapping[str, str] = field(default_factory=dict)
    """Colors of roles that come forward on any ground but the screen's own."""


def _looks(colors: Mapping[str, str]) -> dict[str, RoleLook]:
    """Looks of a palette in full color, from the color of each name."""
    looks = {role: RoleLook(colors[role]) for role in colors if role in ROLES}
    return looks | {
        "strong": RoleLook(colors["strong"], bold=True),
        "bad-strong": RoleLook(colors["bad"], bold=True),
        "warn-strong": RoleLook(colors["warn"], bold=True),
        "mark": RoleLook(colors["accent"], bold=True),
        "link": RoleLook(colors["accent"]),
        "key": RoleLook(colors["accent"], bold=True),
        "match": RoleLook(colors["match-text"], bold=True, ground=colors["match"]),
        "production": RoleLook(colors["production-text"], bold=True, ground=colors["production"]),
        "brand": RoleLook(colors["brand-text"], bold=True, ground=colors["accent"]),
    }


DARK_COLORS: Final = {
    "plain": "#14161b",
    "raised": "#1c1f27",
    "cursor": "#2a3245",
    "marked": "#1f2430",
    "selected": "#2b303b",
    "text": "#d4d8df",
    "strong": "#eceff4",
    "dim": "#98a0ab",
    "faint": "#798190",
    "accent": "#82aaff",
    "running": "#6cb6ff",
    "queued": "#c8ab72",
    "waiting": "#c39ac9",
    "later": "#92acd0",
    "good": "#8cbf74",
    "bad": "#fb7b74",
    "warn": "#eda752",
    "done": "#98a0ab",
    "unknown": "#b5bcc7",
    "title": "#9098a6",
    "hairline": "#30353f",
    "fill": "#5b7fc4",
    "match": "#5c4a1e",
    "match-text": "#ffe2a6",
    "production": "#a83238",
    "production-text": "#ffffff",
    "brand-text": "#14161b",
}

LIGHT_COLORS: Final = {
    "plain": "#fafafa",
    "raised": "#eef0f3",
    "cursor": "#dbe5f7",
    "marked": "#eceff5",
    "selected": "#e0e4ea",
    "text": "#2a2f38",
    "strong": "#111418",
    "dim": "#565e6b",
    "faint": "#6a727f",
    "accent": "#2456c7",
    "running": "#0f5fb5",
    "queued": "#77560f",
    "waiting": "#84418f",
    "later": "#3d5f8f",
    "good": "#2f6b1d",
    "bad": "#b3221d",
    "warn": "#954b00",
    "done": "#565e6b",
    "unknown": "#4a515d",
    "title": "#5c6471",
    "hairline": "#d5d9e0",
    "fill": "#5a84d4",
    "match": "#ffe08a",
    "match-text": "#3d2c00",
    "production": "#b3262c",
    "production-text": "#ffffff",
    "brand-text": "#ffffff",
}


def palette_of(name: str, colors: Mapping[str, str]) -> Palette:
    """A palette in full color; what is dim comes one step forward under the cursor, what is faint
    on every ground but the screen's own."""
    lifted = dict.fromkeys(("dim", "done", "text"), colors["text"])
    lifted |= dict.fromkeys(("faint", "title"), colors["dim"])
    raised = {"faint": colors["dim"]}
    grounds = {ground: colors[ground] for ground in GROUNDS}
    return Palette(name, grounds, _looks(colors), lifted=lifted, raised=raised)


DARK: Final = palette_of("dark", DARK_COLORS)
LIGHT: Final = palette_of("light", LIGHT_COLORS)

_SIXTEEN_COLORS: Final = {
    "text": "default",
    "strong": "default",
    "dim": "default",
    "faint": "default",
    "accent": "bright_blue",
    "running": "bright_blue",
    "queued": "yellow",
    "waiting": "magenta",
    "later": "cyan",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "done": "default",
    "unknown": "default",
    "title": "default",
    "hairline": "default",
    "fill": "blue",
    "match": "yellow",
    "match-text": "black",
    "production": "red",
    "production-text": "bright_white",
    "brand-text": "black",
}

_STEPPED_BACK: Final = {
    "dim": RoleLook("default", dim=True),
    "faint": RoleLook("default", dim=True),
    "done": RoleLook("default", dim=True),
    "title": RoleLook("default", dim=True),
    "hairline": RoleLook("default", dim=True),
}

SIXTEEN: Final = Palette(
    "sixteen",
    dict.fromkeys(GROUNDS),
    _looks(_SIXTEEN_COLORS) | _STEPPED_BACK,
    reverse_cursor=True,
    has_links=False,
)
"""For terminals with 16 colors: their own ground, so hierarchy is weight and dimness."""

PLAIN: Final = Palette(
    "plain",
    dict.fromkeys(GROUNDS),
    {role: RoleLook() for role in ROLES}
    | {role: RoleLook(dim=True) for role in _STEPPED_BACK}
    | {
        role: RoleLook(bold=True)
        for role in ("strong", "accent", "mark", "key", "bad", "bad-strong")
    }
    | {role: RoleLook(bold=True) for role in ("warn", "warn-strong")}
    | {
        "match": RoleLook(reverse=True),
        "production": RoleLook(bold=True, reverse=True),
        "brand": RoleLook(bold=True, reverse=True),
        "link": RoleLook(underline=True),
    },
    reverse_cursor=True,
    has_links=False,
)
"""For NO_COLOR: no color code at all."""


CONTRAST_COLORS: Final = DARK_COLORS | {
    "plain": "#000000",
    "raised": "#0c0e12",
    "cursor": "#16305a",
    "marked": "#16191f",
    "selected": "#20242c",
    "text": "#f4f6f9",
    "strong": "#ffffff",
    "dim": "#cfd5de",
    "faint": "#b6bec9",
    "accent": "#a9c7ff",
    "running": "#8ecbff",
    "queued": "#ecd08f",
    "waiting": "#e6bfee",
    "later": "#bcd2f2",
    "good": "#a9e08c",
    "bad": "#ffa8a2",
    "warn": "#ffc670",
    "done": "#cfd5de",
    "unknown": "#dfe4ec",
    "title": "#cfd5de",
    "hairline": "#6a7280",
    "fill": "#7ea6f0",
    "match": "#4a3a10",
    "match-text": "#fff0c8",
    "production": "#8c1d23",
    "brand-text": "#000000",
}
"""Every text at least 7 to 1 on every ground."""

SAFE_COLORS: Final = DARK_COLORS | {
    "running": "#5aa9f2",
    "queued": "#e6d36a",
    "waiting": "#d99cc9",
    "later": "#9fb0d8",
    "good": "#8fe0c4",
    "bad": "#f0784e",
    "warn": "#e8a020",
    "production": "#a8430f",
}
"""After Okabe and Ito: what went well differs from what went wrong in lightness, too."""
