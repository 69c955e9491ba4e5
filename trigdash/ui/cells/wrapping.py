"""Lines that are too long, continued on further lines. Pure."""

from rich.cells import chop_cells

from trigdash.ui.cells.cell import Cell, Piece, cell_width, text_width

MAX_ROWS = 200
"""Rows that one line may take; what is longer can be copied or saved."""


def wrap_cell(cell: Cell, width: int, indent: int = 2) -> list[Cell]:
    """A line as rows of at most `width` columns; the further ones are indented."""
    if width <= 0 or cell_width(cell) <= width:
        return [cell]
    indent = min(indent, width // 2)
    rows: list[list[Piece]] = [[]]
    room = width
    for text, role in cell:
        while text:
            if text_width(text) <= room:
                rows[-1].append((text, role))
                room -= text_width(text)
                break
            if room < width - indent and text[0] == " " and text_width(text) <= width - indent:
                # It fits whole on the next row.
                rows.append([(" " * indent, "text")])
                text, room = text.lstrip(), width - indent
                continue
            head = _head(text, room)
            if head:
                rows[-1].append((head, role))
            text = text[len(head) :]
            if len(rows) >= MAX_ROWS:
                return [tuple(row) for row in rows]
            rows.append([(" " * indent, "text")])
            room = width - indent
    return [tuple(row) for row in rows]


def _head(text: str, room: int) -> str:
    """As much of a text as fits, up to a blank where one is near the end."""
    if room <= 0:
        return ""
    head = chop_cells(text[: room + 1], room)[0] if not text.isascii() else text[:room]
    blank = head.rfind(" ", len(head) * 2 // 3)
    return head[: blank + 1] if blank >= 0 and len(head) < len(text) else head
