"""The dashboard's output to the terminal: no text of any widget acts on it. Texts are cleaned where
they enter. This module also covers Textual's own widgets, and typed and pasted text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.filter import LineFilter
from typing_extensions import override

from trigdash.model.clean import UNKNOWN, clean, clean_text, is_clean, pasteable, replace_unsafe

if TYPE_CHECKING:
    from textual.color import Color
    from textual.notifications import SeverityLevel


class SafeOutput(App[int]):
    """An app whose lines, toasts and clipboard are safe."""

    @override
    def get_line_filters(self) -> Sequence[LineFilter]:
        """What the lines of every widget go through."""
        return [*super().get_line_filters(), SAFE_TEXT]

    @override
    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast. Its texts may hold data: they are cleaned and never read as markup."""
        super().notify(
            clean_text(message),
            title=clean(title),
            severity=severity,
            timeout=timeout,
            markup=False,
        )

    @override
    def copy_to_clipboard(self, text: str) -> None:
        """Put a text into the clipboard, by way of the terminal."""
        super().copy_to_clipboard(pasteable(text))


class SafeText(LineFilter):
    """Takes unsafe characters out of lines. No line changes its width: a character that takes no
    column leaves none."""

    @override
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return safe_segments(segments)


SAFE_TEXT = SafeText()
"""One for all: what it made of a strip is kept in the strip."""


def safe_segments(segments: Iterable[Segment]) -> list[Segment]:
    """Segments without unsafe characters, as wide as they were. Control codes, which only Textual
    makes, and line ends are kept."""
    return [
        segment
        if segment.control or is_clean(segment.text)
        else Segment(_safe(segment.text), segment.style)
        for segment in segments
    ]


def _safe(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(replace_unsafe(line, lambda each: UNKNOWN * cell_len(each)) for line in lines)
