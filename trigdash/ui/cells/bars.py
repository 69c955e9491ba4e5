"""Bars in one line of text: how full something is, and how it went."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from trigdash.ui.cells.cell import Cell, Piece

BLOCKS = " ▁▂▃▄▅▆▇█"
"""A column filled by none to eight eighths."""


def meter(value: float, top: float, width: int, role: str = "good") -> Cell:
    """A bar of `width` columns, filled as `value` is of `top`, in halves of a column.

    What is neither empty nor full never looks it.
    """
    halves = round(max(min(value / top, 1), 0) * width * 2) if top > 0 else 0
    if 0 < value < top:
        halves = min(max(halves, 1), width * 2 - 1)
    filled = "━" * (halves // 2) + "╸" * (halves % 2)
    rest = "━" * (width - len(filled))
    return tuple(piece for piece in ((filled, role), (rest, "hairline")) if piece[0])


def sparkline(values: Sequence[float | None], role: str = "fill", top: float = 0) -> Cell:
    """One column per value, as high as it is of the largest (or of `top`, if that is more).

    Nothing known is blank, zero is a faint base line: the two are not the same.
    """
    largest = max((value for value in values if value is not None), default=0)
    scale = max(largest, top)

    def column(value: float | None) -> Piece:
        if value is None:
            return " ", role
        if value <= 0 or scale <= 0:
            return BLOCKS[1], "hairline"
        return BLOCKS[min(max(round(value / scale * 8), 1), 8)], role

    return joined(map(column, values))


def joined(pieces: Iterable[Piece]) -> Cell:
    """Neighbours of one role as one piece."""
    groups = groupby(pieces, key=lambda piece: piece[1])
    return tuple(("".join(text for text, _ in group), role) for role, group in groups)
