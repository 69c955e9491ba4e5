"""What could not be read of a list, in words. Pure."""

from collections.abc import Collection

from trigdash.model.odd_row import OddRow
from trigdash.ui.cells.cell import EMPTY, Cell
from trigdash.ui.cells.units import count, plural

MAX_FIELDS = 3
"""Names of fields that are told; the others are counted."""


def unread_cell(
    odd: Collection[OddRow], word: str, many: str | None = None, *, is_cut: bool = False
) -> Cell:
    """`1 run could not be read (createdAt)`, and what else is missing; empty when all was read.
    `word` names a row, `many` several."""
    left_out = [each for each in odd if not each.is_shown]
    in_part = [each for each in odd if each.is_shown]
    parts = []
    if left_out:
        parts.append(f"{plural(len(left_out), word, many)} could not be read{_fields(left_out)}")
    if in_part:
        parts.append(f"{plural(len(in_part), word, many)} read in part{_fields(in_part, 'not ')}")
    if is_cut:
        parts.append("where the list goes on could not be read")
    return _cell("; ".join(parts))


def unread_count_cell(unreadable: int, word: str, many: str | None = None) -> Cell:
    """The same of rows of which nothing but their number is known."""
    if not unreadable:
        return EMPTY
    return _cell(f"{plural(unreadable, word, many)} could not be read in full")


def _cell(words: str) -> Cell:
    return ((f"{words}   ", "warn"),) if words else EMPTY


def _fields(odd: Collection[OddRow], before: str = "") -> str:
    """Names of the fields in question, as the server says them."""
    names = list(dict.fromkeys(name for each in odd for name in each.fields))
    if not names:
        return ""
    more = f" and {count(len(names) - MAX_FIELDS)} more" if len(names) > MAX_FIELDS else ""
    return f" ({before}{', '.join(names[:MAX_FIELDS])}{more})"
