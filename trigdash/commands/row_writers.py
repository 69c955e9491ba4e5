"""Writers of rows in the formats of `-o`. Each writes rows as they come, and none holds all of
them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from trigdash.model.json_text import json_ascii
from trigdash.presentation.field import plain

if TYPE_CHECKING:
    from trigdash.presentation.text_table import TextTable

Line = Callable[[str], object]
"""Writes a line, or a piece of text."""

MEASURED_ROWS = 1_000
"""Rows that a table collects before it starts, to find the widths of its columns."""


class RowWriter(Protocol):
    """Writes rows of one kind."""

    def write(self, row: Any) -> None:
        """Write one row, or hold it back."""

    def end(self) -> None:
        """Write rows that were held back, and the end of the list."""


class EachLine:
    """A line for each row, written at once: JSON lines, or names."""

    def __init__(self, text: Callable[[Any], str], line: Line, flush: Callable[[], None]) -> None:
        self._text = text
        self._line = line
        self._flush = flush

    def write(self, row: Any) -> None:
        self._line(self._text(row))
        self._flush()

    def end(self) -> None:
        """Nothing is held back."""


class JsonArray:
    """One JSON array, element by element. An interrupted list is not valid JSON, so no reader
    mistakes a part for the whole."""

    def __init__(self, record: Callable[[Any], Mapping[str, Any]], text: Line) -> None:
        self._record = record
        self._text = text
        self._is_empty = True

    def write(self, row: Any) -> None:
        record = json_ascii(self._record(row), indent=2).replace("\n", "\n  ")
        self._text(("[\n  " if self._is_empty else ",\n  ") + record)
        self._is_empty = False

    def end(self) -> None:
        self._text("[]\n" if self._is_empty else "\n]\n")


class CsvRows:
    """A heading and a line for each row. Text that a spreadsheet would run as a formula is made
    inert."""

    def __init__(
        self, names: Sequence[str], values: Callable[[Any], Iterable[Any]], line: Line
    ) -> None:
        self._values = values
        self._line = line
        self._line(csv_line(names))

    def write(self, row: Any) -> None:
        self._line(csv_line(self._values(row)))

    def end(self) -> None:
        """Nothing is held back."""


class TableRows:
    """Aligned columns, as wide as the first rows need. A longer text in a later row shifts the rest
    of its line."""

    def __init__(self, table: TextTable, line: Line) -> None:
        self._table = table
        self._line = line
        self._held: list[Any] | None = []

    def write(self, row: Any) -> None:
        if self._held is None:
            self._line(self._table.line(row))
            return
        self._held.append(row)
        if len(self._held) == MEASURED_ROWS:
            self._begin(self._held)

    def end(self) -> None:
        if self._held is not None:
            self._begin(self._held)

    def _begin(self, first: Sequence[Any]) -> None:
        self._held = None
        for line in self._table.first_lines(first):
            self._line(line)


def csv_line(values: Iterable[Any]) -> str:
    """A line of a CSV file."""
    from trigdash.presentation.save_formats import inert

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([inert(plain(value)) for value in values])
    return line.getvalue()
