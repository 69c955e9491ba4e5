"""Frames for the terminal, less what it shows already: bytes matter on a slow line.

Textual paints whole stretches of lines and sets every color again for each piece of text. Here each
frame is compared with what was painted last, cell by cell, and only what differs is written, with
the colors that change.

Light: it is imported before the first frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from time import monotonic

from rich.cells import cell_len

HEAL_S = 30.0
"""Seconds after which a line is written whole again: something else may have written on it."""

NEAR = 8
"""Unchanged cells between two changed ones that are written again: about what a move takes."""

_STYLE = re.compile(r"\x1b\[([\d;:]*)m|\x1b\]8;[!-:<-~]*;([!-~]*)\x1b\\")
"""Colors and attributes from here on, or the address that what follows leads to (OSC 8)."""
_PIECE = re.compile(rf"\x1b\[(\d+);(\d+)H([^\x1b]*(?:(?:{_STYLE.pattern})[^\x1b]*)*)")
"""A move and what is painted from there on."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HARMLESS = re.compile(
    r"(?:\x1b\[\?2026[hl]|\x1b\[\?25[hl]|\x07|\x1b\](?:52|22);[^\x1b\x07]*(?:\x1b\\|\x07))*"
)
"""Control sequences that paint nothing: synchronized frames, clipboard, bell, cursor, pointer."""

BAND = 8
"""Lines that are written by style, and not from left to right."""

NARROW = "[ -~¡-¬®-˿‐-‧‰-⁞─-◼⠀-⣿]"
"""Characters that take one column each, in any context: letters, and what lines, bars and plots are
drawn with."""

_only_narrow = re.compile(f"{NARROW}*").fullmatch

_STYLE_OF = itemgetter(1)

_Stroke = tuple[int, int, int, str]
"""Line (from 1), column (from 0), columns and text of what is written in one style."""

Cell = tuple[str, str]
"""The text of one column and how it is drawn: colors and attributes, then, after a blank, where it
leads. The second column of a wide character is empty."""


class _Line:
    """The content of a line of the terminal, as far as it was painted."""

    __slots__ = ("cells", "last", "whole_s")

    def __init__(self, now_s: float) -> None:
        self.cells: list[Cell | None] = []
        self.last: tuple[int, str] | None = None
        """Where the last piece on it began, and what it was."""
        self.whole_s = now_s
        """When all of it was last written, on the monotonic clock."""


class FrameDiff:
    """Remembers what a terminal shows, and takes out of frames what it shows already."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    def forget(self) -> None:
        """The terminal may show anything: its size changed, or another program wrote to it."""
        self._lines.clear()

    def slim(self, data: str, now_s: float | None = None) -> str:
        """A frame that leaves the terminal as `data` would. What is no frame stays as it is."""
        pieces = _pieces(data)
        if pieces is None:
            if not _HARMLESS.fullmatch(data):
                self.forget()
            return data
        now_s = monotonic() if now_s is None else now_s
        pen = _Pen()
        for y, x, body in pieces:
            self._paint(pen, y, x, body, now_s)
        return pen.finish(pieces[-1])

    def _paint(self, pen: _Pen, y: int, x: int, body: str, now_s: float) -> None:
        if not body:
            return
        line = self._lines.get(y)
        if line is None or now_s - line.whole_s >= HEAL_S:
            line = self._lines[y] = _Line(now_s)
        if line.last == (x, body):
            return
        line.last = (x, body)
        cells = _cells(body)
        end = x + len(cells)
        line.cells += [None] * (end - len(line.cells))
        before = line.cells[x:end]
        if before == cells:
            return
        # Where half of a wide character is painted over, the terminal blanks the other half.
        if x > 0 and _is_second(before[0]):
            line.cells[x - 1] = None
        if end < len(line.cells) and _is_second(line.cells[end]):
            line.cells[end] = None
        line.cells[x:end] = cells
        for start, stop in _changed(before, cells):
            pen.write(y, x + start, cells[start:stop], before[start:stop])


class _Pen:
    """Writes cells, those of one style together: to set a style takes three times what a move does.

    It does so for a few lines at a time, so that a slow line still shows a frame from the top.
    """

    def __init__(self) -> None:
        self._written: list[str] = []
        self._at: tuple[int, int] | None = None
        self._style = ""
        self._waiting: dict[str, list[_Stroke]] = {}
        self._first_line = 0
        self._stroke_end = (0, 0)

    def write(self, y: int, x: int, cells: list[Cell], before: list[Cell | None]) -> None:
        """Write cells from a place on, which were others before."""
        if (y, x) < self._stroke_end or y >= self._first_line + BAND:
            self._flush()
            self._first_line = y
        self._stroke_end = (y, x + len(cells))
        start = 0
        for style, run in groupby(cells, key=_STYLE_OF):
            stop = start + len(list(run))
            first, last = _differing(before, cells, start, stop)
            if first < last:
                text = "".join(text for text, _ in cells[first:last])
                strokes = self._waiting.setdefault(style, [])
                strokes.append((y, x + first, last - first, text))
            start = stop

    def _flush(self) -> None:
        """Write all strokes that wait, beginning with the style that is set."""
        for style in sorted(self._waiting, key=self._style.__ne__):
            for y, x, width, text in self._waiting[style]:
                self._written += (self._move(y, x), _change(self._style, style), text)
                self._style, self._at = style, (y, x + width)
        self._waiting.clear()

    def _move(self, y: int, x: int) -> str:
        """What goes to a place. Backwards it is a whole move: after the last column a terminal is
        about to wrap, and some do not forget that otherwise."""
        if self._at is None or self._at[0] != y or self._at[1] > x:
            return f"\x1b[{y};{x + 1}H"
        return "" if self._at[1] == x else f"\x1b[{x + 1}G"

    def finish(self, last: tuple[int, int, str]) -> str:
        """All that was written; the cursor is left where the frame leaves it."""
        y, x, body = last
        self._flush()
        self._written.append(_change(self._style, ""))
        if not body:
            self._written.append(f"\x1b[{y};{x + 1}H")
        return "".join(self._written)


def paints_only(data: str) -> bool:
    """Whether a text paints and does nothing else."""
    return _pieces(data) is not None


def _pieces(data: str) -> list[tuple[int, int, str]] | None:
    """The pieces of a frame: line (from 1), column (from 0), text with styles. None for anything
    else."""
    found = []
    at = 0
    while at < len(data):
        piece = _PIECE.match(data, at)
        if piece is None:
            return None
        body = piece[3].removesuffix("\n")
        if _CONTROL.search(_STYLE.sub("", body)):
            return None
        found.append((int(piece[1]), int(piece[2]) - 1, body))
        at = piece.end()
    return found or None


@lru_cache(maxsize=128)
def _cells(body: str) -> list[Cell]:
    """The columns that a piece paints. The list is shared and must not be modified."""
    text, *styled = _STYLE.split(body)
    cells = _plain_cells(text, "")
    style = address = ""
    for sgr, to, text in zip(styled[::3], styled[1::3], styled[2::3], strict=True):
        if sgr is None:
            address = to and f" {to}"
        else:
            style = "" if sgr in ("", "0") else f"{style};{sgr}" if style else sgr
        if text:
            cells += _plain_cells(text, style + address)
    return cells


def _plain_cells(text: str, style: str) -> list[Cell]:
    if text.isascii() or _only_narrow(text):
        return [(character, style) for character in text]
    cells: list[Cell] = []
    for cluster in _clusters(text):
        cells.append((cluster, style))
        cells += [("", style)] * (cell_len(cluster) - 1)
    return cells


@lru_cache(maxsize=2048)
def _clusters(text: str) -> tuple[str, ...]:
    """Characters, each with the zero-width ones that follow it."""
    if all(cell_len(character) == 1 for character in text):
        return tuple(text)
    clusters: list[str] = []
    for character in text:
        grown = clusters[-1] + character if clusters else character
        if clusters and (cell_len(grown) == cell_len(clusters[-1]) or not cell_len(character)):
            clusters[-1] = grown
        else:
            clusters.append(character)
    # Characters that cannot be separated are painted together.
    return tuple(clusters) if sum(map(cell_len, clusters)) == cell_len(text) else (text,)


def _is_second(cell: Cell | None) -> bool:
    """Whether a column is the second one of a wide character."""
    return cell is not None and not cell[0]


def _changed(before: list[Cell | None], cells: list[Cell]) -> Iterator[tuple[int, int]]:
    """Stretches of columns that differ; wide characters, old ones and new ones, are whole."""
    start = stop = -1
    for at, (old, new) in enumerate(zip(before, cells, strict=True)):
        if old == new:
            continue
        if start < 0:
            start = at
        elif at - stop > NEAR:
            yield _whole(before, cells, start, stop)
            start = at
        stop = at + 1
    if start >= 0:
        yield _whole(before, cells, start, stop)


def _differing(old: list[Cell | None], new: list[Cell], start: int, stop: int) -> tuple[int, int]:
    """What differs of a stretch; one with wide characters, old ones or new ones, is whole."""
    if any(map(_is_second, old[start:stop])) or any(map(_is_second, new[start:stop])):
        return start, stop
    while start < stop and old[start] == new[start]:
        start += 1
    while start < stop and old[stop - 1] == new[stop - 1]:
        stop -= 1
    return start, stop


def _whole(before: list[Cell | None], cells: list[Cell], start: int, stop: int) -> tuple[int, int]:
    while start > 0 and (_is_second(cells[start]) or _is_second(before[start])):
        start -= 1
    while stop < len(cells) and (_is_second(cells[stop]) or _is_second(before[stop])):
        stop += 1
    return start, stop


@lru_cache(maxsize=4096)
def _change(old: str, new: str) -> str:
    """What turns the pen from one style to another."""
    if old == new:
        return ""
    old, _, left = old.partition(" ")
    new, _, address = new.partition(" ")
    led = "" if left == address else f"\x1b]8;;{address}\x1b\\"
    return led + _recolor(old, new)


def _recolor(old: str, new: str) -> str:
    if old == new:
        return ""
    if not new:
        return "\x1b[m"
    was, will = _parts(old), _parts(new)
    if was is None or will is None or not was[0] <= will[0]:
        return f"\x1b[0;{new}m" if old else f"\x1b[{new}m"
    codes = sorted(will[0] - was[0])
    if was[1] != will[1]:
        codes.append(will[1] or "39")
    if was[2] != will[2]:
        codes.append(will[2] or "49")
    return f"\x1b[{';'.join(codes)}m"


def _parts(style: str) -> tuple[frozenset[str], str, str] | None:
    """Attributes, color and ground of a style; None for one that is written in another way."""
    attributes: set[str] = set()
    sides = {"3": "", "4": ""}
    codes = iter(style.split(";") if style else ())
    for code in codes:
        side = code[:1] if len(code) == 2 else {"9": "3", "10": "4"}.get(code[:-1], "")
        if len(code) == 1:
            attributes.add(code)
        elif code in ("38", "48"):
            kind = next(codes, "")
            rest = [next(codes, "") for _ in range({"2": 3, "5": 1}.get(kind, 0))]
            sides[code[0]] = ";".join([code, kind, *rest])
        elif side in sides:
            sides[side] = code
        else:
            return None
    return frozenset(attributes), sides["3"], sides["4"]
