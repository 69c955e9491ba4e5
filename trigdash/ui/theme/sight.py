"""Colors for other eyes: high contrast, and colors that the color-blind tell apart."""

from typing import Final

from trigdash.ui.theme.palette import DARK_COLORS

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
