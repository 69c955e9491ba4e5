"""Lines whose parts can be copied and opened: overviews and inspectors. Pure, no terminal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trigdash.presentation.cell import Cell, Piece, cell_width, cut_cell

LABEL = 12
"""Columns of a fact's label."""

Target = tuple[str, str]
"""What a field opens: a kind of thing (run, batch, attempt, tab) and its id."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be copied and perhaps opened."""

    label: str
    value: Cell
    copied: str
    opens: Target | None = None


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One line: as it is drawn, or several fields side by side."""

    cell: Cell = ()
    fields: tuple[Field, ...] = ()
    columns: int = 1
    """How many fields are side by side in lines of this section; 1 draws `cell`."""

    def draw(self, width: int, selected: int | None) -> Cell:
        """The line; the selected one of several fields is lit."""
        if self.columns == 1 or not self.fields:
            return self.cell
        room = width // self.columns
        pieces: list[Piece] = []
        for index, field in enumerate(self.fields):
            lit = index == selected and len(self.fields) > 1
            label = (f"{field.label:<{LABEL}}", "accent" if lit else "dim")
            drawn = cut_cell((label, *field.value), room - 2)
            blank = (" " * (room - cell_width(drawn)), "text")
            pieces += [*drawn, blank]
        return tuple(pieces)


class FieldLines:
    """The overview as a source of lines, and which field of a line is selected."""

    def __init__(self, make: Callable[[int], list[FieldLine]]) -> None:
        self._make = make
        self._width = 0
        self.lines: list[FieldLine] = []
        self.cursor = 0
        self.column = 0

    def lay_out(self, width: int) -> None:
        """Make the lines again, for a width."""
        self._width = width
        self.lines = self._make(width)

    def __len__(self) -> int:
        return len(self.lines)

    def line(self, index: int, width: int) -> Cell:
        """One line."""
        if width != self._width:
            self.lay_out(width)
        if index >= len(self.lines):
            return ()
        line = self.lines[index]
        return line.draw(width, self._column(line) if index == self.cursor else None)

    def field(self, index: int) -> Field | None:
        """The selected field of a line."""
        if not 0 <= index < len(self.lines):
            return None
        line = self.lines[index]
        return line.fields[self._column(line)] if line.fields else None

    def anchor_of(self, index: int) -> tuple[Field, int] | None:
        """The selected field of a line, and how many with the same label are before it."""
        field = self.field(index)
        if field is None:
            return None
        above = [each for line in self.lines[:index] for each in line.fields]
        return field, sum(each.label == field.label for each in above)

    def find(self, place: tuple[Field, int]) -> tuple[int, int] | None:
        """Line and column of a field in lines that may have changed: the one that says the same,
        else the one with its label and as many of these before it."""
        field, before = place
        alike = [
            (index, column, each)
            for index, line in enumerate(self.lines)
            for column, each in enumerate(line.fields)
            if each.label == field.label
        ]
        same = [(index, column) for index, column, each in alike if each.copied == field.copied]
        if same or not alike:
            return same[0] if same else None
        return alike[min(before, len(alike) - 1)][:2]

    def next_stop(self, index: int, step: int) -> int:
        """The next line in a direction that has a field; the line itself where none has."""
        at = index + step
        while 0 <= at < len(self.lines):
            if self.lines[at].fields:
                return at
            at += step
        return index

    def sideways(self, index: int, step: int) -> None:
        """Select the field to the left or right."""
        if 0 <= index < len(self.lines) and self.lines[index].fields:
            line = self.lines[index]
            self.column = min(max(self._column(line) + step, 0), len(line.fields) - 1)

    def labels(self) -> Iterable[str]:
        """Labels of all fields, in order."""
        return (field.label for line in self.lines for field in line.fields)

    def _column(self, line: FieldLine) -> int:
        return min(self.column, len(line.fields) - 1)
