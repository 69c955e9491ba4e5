"""Lines of a dialog: cells drawn as text, with the styles of the theme."""

from collections.abc import Iterable

from rich.text import Text
from textual.app import App

from trigdash.ui.cells import Cell
from trigdash.ui.cells.cell import clean_cell
from trigdash.ui.theme import paint_of

GROUND = "raised"


def to_text(app: App[object], lines: Iterable[Cell], ground: str = GROUND) -> Text:
    """Lines of cells as one text: data in it is never read as markup."""
    paint = paint_of(app)
    text = Text(no_wrap=False)
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for piece, role in clean_cell(line):
            text.append(paint.text(piece), paint.style(role, ground))
    return text


def facts(pairs: Iterable[tuple[str, str]]) -> list[Cell]:
    """Names and values, aligned, as a dialog lists what an action is about."""
    listed = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in listed), default=0)
    return [((f"{name:<{width}}  ", "dim"), (value, "text")) for name, value in listed]
