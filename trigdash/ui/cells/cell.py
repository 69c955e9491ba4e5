"""What a cell is: pieces of clean text, each with the name of a role that the theme gives a style.

Cells are pure: no Textual, no Rich, no colour. Text in a cell must already be clean (see
`trigdash.model.clean`); it is drawn as it stands, so markup in it means nothing.
"""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

Piece = tuple[str, str]
"""Text and the name of its role (see `trigdash.ui.theme.ROLES`)."""

Cell = tuple[Piece, ...]
"""One cell of a table, or one line of text: pieces from left to right."""

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


def cut_text(text: str, width: int) -> str:
    """`text` in at most `width` columns, with an ellipsis where something is left out."""
    if text_width(text) <= width:
        return text
    if width <= 0:
        return ""
    return set_cell_size(text, width - 1).rstrip() + "…"


def cut_cell(cell: Cell, width: int) -> Cell:
    """A cell in at most `width` columns, with an ellipsis where something is left out."""
    if cell_width(cell) <= width:
        return cell
    kept: list[Piece] = []
    for text, role in cell:
        room = width - cell_width(kept)
        # One column stays for the ellipsis unless this piece is itself what is cut.
        if text_width(text) < room:
            kept.append((text, role))
            continue
        if room > 0:
            kept.append((cut_text(text + " " * room, room), role))
        break
    return tuple(kept)
