"""Lines that are too long, continued on further lines. Pure."""

from trigdash.ui.cells.cell import Cell, Piece, cell_fits, fits, fitting_length, text_width

MAX_ROWS = 200
"""Rows that one line may take; what is longer can be copied or saved."""


def wrap_cell(cell: Cell, width: int, indent: int = 2) -> list[Cell]:
    """A line as rows of at most `width` columns; the further ones are indented.

    Every row takes something of the line, so that any text comes to an end. A character that is
    wider than a whole row stands on a row of its own.
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
