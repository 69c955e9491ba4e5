"""From rows to strips: the drawing of a row table, cached so that a frame reuses its strips.

Textual keeps what it derived from a strip (its cuts, its escape codes) in the strip, so handing
back the same object is what makes a frame cheap. A line is drawn again only when its cells say
something else, or when the highlight, a mark or a flag touches it.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from rich.segment import Segment
from textual.strip import Strip

from trigdash.presentation.cell import (
    MARKS,
    Cell,
    Piece,
    cell_width,
    clean_cell,
    cut_cell,
    cut_text,
    text_width,
)
from trigdash.presentation.columns import GAP, Layout, Placed
from trigdash.ui.theme.paint import Paint, paint

R = TypeVar("R")

GUTTER = 3
"""Columns before the first cell: the cursor bar, a mark or flag, a blank."""

MAX_LINES = 1024
"""Lines kept drawn: some twenty screens, so that paging back and forth costs nothing."""

MAX_TEXTS = 64
"""Full-width lines that are cached: texts of empty states, which change as time passes."""

_SOLID_ROLES = frozenset({"match", "production", "brand", "link"})
"""Roles whose style must not spread to the blanks next to their text."""


class LineState(NamedTuple):
    """What a line's look depends on, besides its row."""

    cursor: bool = False
    focused: bool = True
    marked: bool = False
    flag: Piece | None = None
    thumb: bool = False
    """Whether the scroll bar's thumb passes here."""


class _RowLine(Generic[R]):
    """A row as drawn: its cells, and a strip per state that was seen."""

    __slots__ = ("banner", "cells", "now_ms", "row", "strips")

    def __init__(self, row: R, cells: list[Cell], banner: bool, now_ms: float) -> None:
        self.row = row
        self.cells = cells
        self.banner = banner
        self.now_ms = now_ms
        self.strips: dict[LineState, Strip] = {}


class RowStrips(Generic[R]):
    """Draws the lines of a table; each setting that changes every line forgets the cache."""

    def __init__(self, banner: Callable[[R], Cell | None] | None = None) -> None:
        self.banner = banner
        self.paint: Paint = paint("dark")
        self.layout: Layout[R] = Layout(())
        self.width = 0
        """Columns of the whole table, scroll bar included."""
        self._looked_for = ""
        self._words: re.Pattern[str] | None = None
        """What is highlighted."""
        self.now_ms = 0.0
        self._lines: dict[Hashable, _RowLine[R]] = {}
        self._headers: dict[tuple[str, bool] | None, Strip] = {}
        self._texts: dict[Cell, Strip] = {}

    def highlight(self, text: str) -> bool:
        """Highlight each word of a text from now on; False when that is what is done already."""
        if text == self._looked_for:
            return False
        self._looked_for = text
        # Of two words with the same start the longer one is highlighted.
        words = sorted(text.split(), key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
        return True

    def forget(self) -> None:
        """Redraw everything: width, columns, theme or highlight changed."""
        self._lines.clear()
        self._headers.clear()
        self._texts.clear()

    # -- rows

    def row_strip(self, row: R, key: Hashable, state: LineState) -> Strip:
        """The strip of a row: the same object as long as it says the same."""
        line = self._lines.get(key)
        if line is None:
            line = self._draw_anew(row, key)
        elif line.row is not row:
            self._follow_row(line, row)
        elif line.now_ms != self.now_ms and not line.banner:
            self._follow_time(line)
        strip = line.strips.get(state)
        if strip is None:
            strip = line.strips[state] = self._strip(line, state)
        return strip

    def _draw_anew(self, row: R, key: Hashable) -> _RowLine[R]:
        if len(self._lines) >= MAX_LINES:
            for old in list(self._lines)[: MAX_LINES // 2]:
                del self._lines[old]
        cells, banner = self._cells(row)
        line = self._lines[key] = _RowLine(row, cells, banner, self.now_ms)
        return line

    def _cells(self, row: R) -> tuple[list[Cell], bool]:
        banner = self.banner(row) if self.banner is not None else None
        if banner is not None:
            return [banner], True
        now_ms = self.now_ms
        return [place.column.cell(row, now_ms) for place in self.layout.placed], False

    def _follow_row(self, line: _RowLine[R], row: R) -> None:
        cells, banner = self._cells(row)
        if cells != line.cells or banner != line.banner:
            line.cells, line.banner = cells, banner
            line.strips.clear()
        line.row, line.now_ms = row, self.now_ms

    def _follow_time(self, line: _RowLine[R]) -> None:
        """Draw again only if a live cell says something else by now."""
        row, now_ms, cells = line.row, self.now_ms, line.cells
        line.now_ms = now_ms
        for index, place in enumerate(self.layout.placed):
            column = place.column
            if column.live is None or not column.live(row):
                continue
            cell = column.cell(row, now_ms)
            if cell != cells[index]:
                cells[index] = cell
                line.strips.clear()

    def _strip(self, line: _RowLine[R], state: LineState) -> Strip:
        pieces = self._gutter(state)
        if line.banner:
            pieces += _fitted(line.cells[0], self.width - GUTTER - 1, "left")
        else:
            pieces += self._row_pieces(line.cells)
        ground = "cursor" if state.cursor else "marked" if state.marked else "plain"
        return self._close(pieces, ground, state.thumb)

    def _gutter(self, state: LineState) -> list[Piece]:
        bar = ("▌", "accent" if state.focused else "faint") if state.cursor else (" ", "text")
        mark = state.flag or (("◆", "mark") if state.marked else (" ", "text"))
        return [bar, (cut_text(mark[0], 1) or " ", mark[1]), (" ", "text")]

    def _row_pieces(self, cells: Iterable[Cell]) -> list[Piece]:
        pieces: list[Piece] = []
        x = 0
        for place, cell in zip(self.layout.placed, cells, strict=True):
            if x < place.x:
                pieces.append((" " * (place.x - x), "text"))
            shown = self._highlighted(cell, self._words) if self._words else cell
            pieces += _fitted(shown, place.width, place.column.align)
            x = place.x + place.width
        return pieces

    def _highlighted(self, cell: Cell, words: re.Pattern[str]) -> Cell:
        pieces: list[Piece] = []
        for text, role in cell:
            start = 0
            for found in words.finditer(text):
                if found.start() > start:
                    pieces.append((text[start : found.start()], role))
                pieces.append((found[0], "match"))
                start = found.end()
            if start < len(text):
                pieces.append((text[start:], role))
        return tuple(pieces)

    # -- other lines

    def header_strip(self, sort: tuple[str, bool] | None) -> Strip:
        """The line of titles, with the mark of the sorted column."""
        strip = self._headers.get(sort)
        if strip is None:
            strip = self._headers[sort] = self._header(sort)
        return strip

    def _header(self, sort: tuple[str, bool] | None) -> Strip:
        pieces: list[Piece] = [(" " * GUTTER, "title")]
        x = 0
        last = len(self.layout.placed) - 1
        for index, place in enumerate(self.layout.placed):
            # A title may lean into the gap to the right, so that a sort mark finds a place.
            spill = 0 if index == last else GAP - 1
            title = self._title(place, sort, place.width + spill)
            excess = min(max(cell_width(title) - place.width, 0), spill)
            pieces.append((" " * (place.x - x), "title"))
            pieces += _fitted(title, place.width + excess, place.column.align)
            x = place.x + place.width + excess
        more = self.layout.hidden_right > 0
        return self._close(pieces, "plain", False, edge=("›", "accent") if more else None)

    def _title(self, place: Placed[R], sort: tuple[str, bool] | None, room: int) -> Cell:
        column = place.column
        title = column.title.upper()
        if sort is None or sort[0] != column.key:
            return ((title, "title"),)
        mark = "▼" if sort[1] else "▲"
        # Rather a letter less than an order that nothing shows.
        told = f"{title} {mark}" if len(title) + 2 <= room else f"{title[: room - 1]}{mark}"
        return ((told, "text"),)

    def text_strip(self, cell: Cell) -> Strip:
        """A line of text across the table; a blank line for an empty cell."""
        strip = self._texts.get(cell)
        if strip is None:
            if len(self._texts) >= MAX_TEXTS:
                self._texts.clear()
            room = self.width - GUTTER - 1
            pieces = [(" " * GUTTER, "text"), *_fitted(cell, room, "left")]
            strip = self._texts[cell] = self._close(pieces, "plain", False)
        return strip

    def _close(
        self, pieces: Sequence[Piece], ground: str, thumb: bool, edge: Piece | None = None
    ) -> Strip:
        """A strip of exactly the table's width from pieces that may be shorter or longer."""
        room = max(self.width - 1, 0)
        fitted = _fitted(tuple(pieces), room, "left")
        edge = edge or (("▐", "hairline") if thumb else (" ", "text"))
        if self.width > 0:
            fitted.append(edge)
        return Strip(self._segments(fitted, ground), self.width)

    def _segments(self, pieces: Iterable[Piece], ground: str) -> list[Segment]:
        """Segments with neighbors of one style joined and blanks joined to what precedes them."""
        segments: list[Segment] = []
        style, shown = self.paint.style, self.paint.text
        run, run_role = "", "text"
        for text, role in pieces:
            if role == run_role or (run_role not in _SOLID_ROLES and text.isspace()):
                run += text
                continue
            if run:
                segments.append(Segment(shown(run), style(run_role, ground)))
            run, run_role = text, role
        if run:
            segments.append(Segment(shown(run), style(run_role, ground)))
        return segments


def _fitted(cell: Cell, width: int, align: str) -> list[Piece]:
    """The pieces of a cell in exactly `width` columns.

    Texts are cleaned once more here, so that no control character gets out, whatever the cell was
    made of.
    """
    pieces = list(clean_cell(cell))
    taken = sum(text_width(text) for text, _ in pieces)
    if taken > width or sum(len(text) for text, _ in pieces) > MARKS * width:
        pieces = list(cut_cell(tuple(pieces), width))
        taken = cell_width(pieces)
    if taken == width:
        return pieces
    blank = (" " * (width - taken), "text")
    return [blank, *pieces] if align == "right" else [*pieces, blank]
