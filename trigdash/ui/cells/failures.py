"""Exceptions as people read them: the message, then the frames, libraries folded away. Pure."""

import re
from collections.abc import Sequence
from itertools import groupby

from trigdash.model.span_event import Failure
from trigdash.ui.cells.cell import Cell, Piece

_FRAME = re.compile(r"\s*at (?:(?P<what>.+?) \()?(?P<place>[^()]+?)\)?$")
_PLACE = re.compile(r"(?:file://)?(?P<file>.+?)(?P<line>(?::\d+){0,2})$")


def is_library_frame(line: str) -> bool:
    """Whether a frame is of a dependency or of the runtime itself."""
    return "node_modules" in line or "node:" in line or "<anonymous>" in line


def frame_cell(line: str, indent: int = 2) -> Cell:
    """One line of a stack: function and file stand out, the rest steps back."""
    found = _FRAME.match(line)
    if found is None:
        return ((" " * indent, "text"), (line.strip(), "dim"))
    place = _PLACE.match(found["place"])
    what = f"{found['what']} " if found["what"] else ""
    path, at = (place["file"], place["line"]) if place else (found["place"], "")
    role = "dim" if is_library_frame(line) else "link"
    pieces: list[Piece] = [(" " * indent, "text"), ("at ", "dim")]
    if what:
        pieces.append((what, "dim" if is_library_frame(line) else "text"))
    return (*pieces, (path, role), (at, "dim"))


def stack_cells(stack: Sequence[str], *, all_frames: bool = False, indent: int = 2) -> list[Cell]:
    """The frames of a stack; runs of library frames become one line unless all are wanted."""
    if all_frames or not any(not is_library_frame(line) for line in stack):
        return [frame_cell(line, indent) for line in stack]
    cells: list[Cell] = []
    for is_library, lines in groupby(stack, key=is_library_frame):
        frames = list(lines)
        if not is_library:
            cells += [frame_cell(line, indent) for line in frames]
        else:
            word = "frame" if len(frames) == 1 else "frames"
            hidden = f"… {len(frames)} {word} in libraries"
            cells.append(((" " * indent, "text"), (hidden, "faint")))
    return cells


def headline_cell(failure: Failure) -> Cell:
    """Type and message."""
    if failure.type and failure.message:
        return ((failure.type, "bad-strong"), (f"  {failure.message}", "strong"))
    return ((failure.headline, "bad-strong"),)
