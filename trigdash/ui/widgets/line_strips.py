"""Where the lines of a `LineList` come from, and their strips."""

from typing import Protocol

from rich.segment import Segment
from textual.strip import Strip

from trigdash.presentation.cell import Cell, Piece, cell_width, clean_cell, cut_cell
from trigdash.ui.theme.paint import Paint, paint


class LineSource(Protocol):
    """Makes lines when they are drawn, however many there are."""

    def __len__(self) -> int: ...

    def line(self, index: int, width: int) -> Cell:
        """One line; longer than `width` it is cut or wrapped."""
        ...


class NoLines:
    """A source that has nothing."""

    def __len__(self) -> int:
        return 0

    def line(self, index: int, width: int) -> Cell:
        return ()


MAX_STRIPS = 2_048
"""Drawn lines kept: some forty screens, so that paging back and forth costs nothing."""


class LineStrips:
    """Draws lines in one paint and width; the same line gives the same strip."""

    def __init__(self) -> None:
        self._paint: Paint = paint("dark")
        self._width = 0
        self._strips: dict[tuple[Cell, str, bool], Strip] = {}

    def reset(self, paint: Paint, width: int) -> None:
        """Redraw everything: in other colors, or `width` columns wide (scroll bar included)."""
        self._paint, self._width = paint, width
        self._strips.clear()

    def strip(self, cell: Cell, ground: str, thumb: bool = False) -> Strip:
        """The strip of a line on a ground; `thumb` is a piece of the scroll bar at its end."""
        key = (cell, ground, thumb)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= MAX_STRIPS:
                self._strips.clear()
            strip = self._strips[key] = self._make(cell, ground, thumb)
        return strip

    def _make(self, cell: Cell, ground: str, thumb: bool) -> Strip:
        room = max(self._width - 1, 0)
        pieces = cut_cell(clean_cell(cell), room)
        blank: Piece = (" " * (room - cell_width(pieces)), "text")
        edge: Piece = ("▐", "hairline") if thumb else (" ", "text")
        drawn = [piece for piece in (*pieces, blank, edge) if piece[0]]
        return Strip([self._segment(text, role, ground) for text, role in drawn], self._width)

    def _segment(self, text: str, role: str, ground: str) -> Segment:
        name, _, own_ground = role.partition(" on ")
        return Segment(self._paint.text(text), self._paint.style(name, own_ground or ground))
