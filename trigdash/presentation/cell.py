"""Cells: pieces of clean text, each with the name of a role that the theme gives a style.

Cells are pure: no Textual, no Rich, no color. Text in a cell must already be clean (see
`trigdash.model.clean`); it is drawn literally, so markup in it has no effect."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from urllib.parse import urlsplit

from trigdash.model.clean import clean, is_clean
from trigdash.presentation.width import cell_len

Piece = tuple[str, str]
"""Text and the name of its role (see `trigdash.ui.theme.paint.ROLES`)."""

Cell = tuple[Piece, ...]
"""One cell of a table, or one line of text: pieces from left to right."""

MARKS = 32
"""The most characters drawn in one column: a letter and its combining marks. No script needs half
of these, and thousands in a line would be slow on every terminal."""

LINKED = " to "
"""The prefix, in the role of a piece, before the address that its text links to."""

_PLAIN = re.compile(r"[!-~]{1,2000}")
"""Printable, without blanks: nothing else gets into a terminal's escape sequence."""

EMPTY: Cell = ()
"""Nothing to say here."""


def text_width(text: str) -> int:
    """Terminal columns that `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def cell_width(cell: Iterable[Piece]) -> int:
    """Terminal columns that a cell takes."""
    return sum(text_width(text) for text, _ in cell)


def cell_text(cell: Iterable[Piece]) -> str:
    """What a cell says, without roles."""
    return "".join(text for text, _ in cell)


def fitting_length(text: str, width: int) -> int:
    """How many characters from the start of `text` fit in `width` columns.

    Counts the marks that a character carries with it, at most MARKS for each column. 0 when not
    even the first character fits.
    """
    if text.isascii():
        return max(min(len(text), width), 0)
    longest = min(len(text), max(width, 0) * MARKS)
    # Character by character a text only grows wider, so the place can be bisected.
    known = min(longest, width + 1)
    while known < longest and cell_len(text[:known]) <= width:
        known = min(known * 2, longest)
    return bisect_right(range(1, known + 1), width, key=lambda length: cell_len(text[:length]))


def clean_cell(cell: Cell) -> Cell:
    """A cell cleaned once more, so that nothing unsafe reaches the terminal, whatever it was made
    of."""
    if all(is_clean(text) for text, _ in cell):
        return cell
    return tuple((clean(text), role) for text, role in cell)


def cut_text(text: str, width: int) -> str:
    """`text` in at most `width` columns, with an ellipsis where something is left out."""
    if fits(text, width):
        return text
    if width <= 0:
        return ""
    return text[: fitting_length(text, width - 1)].rstrip() + "…"


def fits(text: str, width: int) -> bool:
    """Whether all of a text can be drawn in `width` columns."""
    return text_width(text) <= width and len(text) <= max(width, 0) * MARKS


def cell_fits(cell: Cell, width: int) -> bool:
    """Whether all of a cell can be drawn in `width` columns."""
    return cell_width(cell) <= width and sum(len(text) for text, _ in cell) <= max(width, 0) * MARKS


def cut_cell(cell: Cell, width: int) -> Cell:
    """A cell in at most `width` columns, with an ellipsis where something is left out."""
    if cell_fits(cell, width):
        return cell
    kept: list[Piece] = []
    for text, role in cell:
        room = width - cell_width(kept)
        # One column stays for the ellipsis unless this piece is itself what is cut.
        if fits(text, room - 1):
            kept.append((text, role))
            continue
        if room > 0:
            kept.append((cut_text(text + " " * room, room), role))
        break
    return tuple(kept)


MAX_ROWS = 200
"""Rows that one line may take; what is longer can be copied or saved."""


def wrap_cell(cell: Cell, width: int, indent: int = 2) -> list[Cell]:
    """A line as rows of at most `width` columns; the further ones are indented.

    Every row takes something of the line, so that wrapping always ends. A character that is wider
    than a whole row gets its own row.
    """
    if width <= 0 or cell_fits(cell, width):
        return [cell]
    indent = min(indent, width // 2)
    rows: list[list[Piece]] = [[]]
    room = width
    for text, role in cell:
        while text:
            if fits(text, room):
                rows[-1].append((text, role))
                room -= text_width(text)
                break
            whole_row = width if len(rows) == 1 else width - indent
            if room < whole_row and text[0] == " " and fits(text, width - indent):
                # It fits whole on the next row.
                head, text = "", text.lstrip()
            else:
                head = _head(text, room) or (text[:1] if room == whole_row else "")
                text = text[len(head) :]
            if head:
                rows[-1].append((head, role))
            if len(rows) >= MAX_ROWS:
                return [tuple(row) for row in rows]
            if text:
                rows.append([(" " * indent, "text")])
                room = width - indent
            else:
                room -= text_width(head)
    return [tuple(row) for row in rows]


def _head(text: str, room: int) -> str:
    """As much of a text as fits, up to a blank where one is near the end."""
    head = text[: fitting_length(text, room)]
    blank = head.rfind(" ", len(head) * 2 // 3)
    return head[: blank + 1] if blank >= 0 and len(head) < len(text) else head


def is_web_link(link: str) -> bool:
    """Whether a link is an http or https address with a host: a browser runs other schemes."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)


def linked(text: str, role: str, address: str | None) -> Piece:
    """A piece whose text links to a web page, if the terminal supports that; unchanged if the
    address is not valid. Only for addresses that trigdash makes: text of others never becomes a
    link."""
    if address is None or not _PLAIN.fullmatch(address) or not is_web_link(address):
        return text, role
    return text, f"{role}{LINKED}{address}"
