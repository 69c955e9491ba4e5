"""What a command prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from trigdash.commands.exit_codes import CommandFailure, ExitCode
from trigdash.commands.row_writers import (
    CsvRows,
    EachLine,
    JsonArray,
    RowWriter,
    TableRows,
    csv_line,
)
from trigdash.model.json_text import json_ascii, json_spaced
from trigdash.presentation.cell import Cell, cell_text, text_width
from trigdash.presentation.field import plain
from trigdash.presentation.resource import Resource
from trigdash.presentation.text_table import TextTable, painted

FORMATS = ("table", "wide", "json", "jsonl", "csv", "name")


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """The values of `-o`, `--json` and `--columns`."""

    format: str = "table"
    keys: tuple[str, ...] = ()
    """Keys of the JSON output; empty for all."""
    columns: tuple[str, ...] = ()
    """Columns of tables and CSV."""


class Output:
    """Writes rows of a resource in one format, as they come."""

    def __init__(
        self, options: OutputOptions, now_ms: Callable[[], float], stream: TextIO | None = None
    ) -> None:
        self.options = options
        self._now_ms = now_ms
        self._stream = stream or sys.stdout

    def check(self, resource: Resource[Any]) -> None:
        """Refuse columns that the resource does not have, before any request."""
        known = resource.by_key
        for name in self.options.columns:
            if name not in known:
                raise CommandFailure(
                    f"no column {name}: choose from {', '.join(known)}", ExitCode.MISUSED
                )

    def rows(self, resource: Resource[Any], rows: Iterable[Any]) -> None:
        """Write a list of rows."""
        writer = self._writer(resource)
        for row in rows:
            writer.write(row)
        writer.end()

    async def stream(self, resource: Resource[Any], rows: AsyncIterator[Any]) -> None:
        """Write rows as they come, however many they are."""
        writer = self._writer(resource)
        async for row in rows:
            writer.write(row)
        writer.end()

    def _writer(self, resource: Resource[Any]) -> RowWriter:
        match self.options.format:
            case "json":
                return JsonArray(lambda row: self._record(resource, row), self._stream.write)
            case "jsonl":
                return EachLine(
                    lambda row: json_ascii(self._record(resource, row)),
                    self._line,
                    self._stream.flush,
                )
            case "name":
                return EachLine(resource.key, self._line, self._stream.flush)
            case "csv":
                fields = self._fields(resource)
                return CsvRows(
                    [field.name for field in fields],
                    lambda row: [field.value(row) for field in fields],
                    self._line,
                )
        return TableRows(self._text_table(resource), self._line)

    def row(self, resource: Resource[Any], row: Any) -> None:
        """Write one row: one field per line, or as JSON."""
        if self.options.format == "json":
            self._json(self._record(resource, row))
        elif self.options.format in ("jsonl", "csv", "name"):
            self.rows(resource, [row])
        else:
            width = max(len(field.heading) for field in resource.fields)
            for field in resource.fields:
                value = plain(field.value(row))
                if value:
                    self._line(f"{field.heading:<{width}}  {_one_line(value)}")

    @property
    def is_data(self) -> bool:
        """Whether the output is for programs."""
        return self.options.format in ("json", "jsonl", "csv", "name")

    @property
    def tells_ids(self) -> bool:
        """Whether of what a write made the id alone is printed."""
        return not self.is_data or self.options.format == "name"

    def stream_record(self, record: Mapping[str, Any], line: Iterable[tuple[str, str]]) -> None:
        """Write one event: a JSON line, or a line of text."""
        if self.options.format in ("json", "jsonl"):
            self._json_line(self._chosen(record))
        elif self.options.format == "name":
            self._line(str(record.get("id") or record.get("runId") or ""))
        else:
            color = use_color(self._stream)
            self._line("".join(painted(_one_line(text), role, color) for text, role in line))
        self._stream.flush()

    def record(self, record: Mapping[str, Any]) -> None:
        """Write one record: as data, or one key per line."""
        if self.options.format == "json":
            self._json(self._chosen(record))
        elif self.is_data:
            self.records([record])
        else:
            width = max(map(len, record), default=0)
            for key, value in record.items():
                text = value if isinstance(value, str) else json_spaced(value)
                if value not in (None, "", [], {}):
                    self._line(f"{key:<{width}}  {_one_line(text)}")

    def records(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Write records: JSON, JSON lines, CSV or names."""
        rows = [self._chosen(record) for record in records]
        match self.options.format:
            case "json":
                self._json(rows)
            case "csv":
                names = list(rows[0]) if rows else []
                self._line(csv_line(names))
                for row in rows:
                    self._line(csv_line(row.get(name) for name in names))
            case "name":
                for row in rows:
                    self._line(str(row.get("id") or next(iter(row.values()), "")))
            case "jsonl":
                for row in rows:
                    self._json_line(row)
            case _:
                for row in rows:
                    self._line("  ".join(_one_line(plain(value)) for value in row.values()))

    def table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows whose columns are not known in advance: aligned text, or data."""
        if self.is_data:
            self.records(rows)
            return
        if not rows:
            return
        names = list(rows[0])
        table = [[name.upper() for name in names]]
        table += [[_one_line(plain(row.get(name))) for name in names] for row in rows]
        widths = [max(text_width(line[i]) for line in table) for i in range(len(names))]
        for line in table:
            padded = (
                text + " " * (width - text_width(text))
                for text, width in zip(line, widths, strict=True)
            )
            self._line("  ".join(padded).rstrip())

    def value(self, value: Any) -> None:
        """Write any JSON value."""
        self._json(value)

    def line(self, text: str) -> None:
        """Write one line of text, cleaned."""
        self._line(_one_line(text))

    def cells(self, cells: Iterable[Cell]) -> None:
        """Write a line of text for each cell."""
        for cell in cells:
            self.line(cell_text(cell).rstrip())

    def note(self, message: str) -> None:
        """Print a note on standard error."""
        print(_one_line(message), file=sys.stderr)

    def note_unread(self, thing: object) -> None:
        """Print which fields of an opened row could not be read."""
        if fields := getattr(thing, "unread", ()):
            self.note(f"could not be read: {', '.join(fields)}")

    def _record(self, resource: Resource[Any], row: Any) -> Mapping[str, Any]:
        return self._chosen(resource.record(row))

    def _chosen(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """The requested keys of a record."""
        missing = [key for key in self.options.keys if key not in record]
        if missing:
            raise CommandFailure(
                f"no field {missing[0]}: choose from {', '.join(record)}", ExitCode.MISUSED
            )
        return {key: record[key] for key in self.options.keys} if self.options.keys else record

    def _fields(self, resource: Resource[Any]) -> Sequence[Any]:
        if self.options.columns:
            return [resource.by_key[name] for name in self.options.columns]
        if self.options.format in ("wide", "csv"):
            return resource.fields
        return [field for field in resource.fields if field.is_shown]

    def _text_table(self, resource: Resource[Any]) -> TextTable:
        on_terminal = self._stream.isatty()
        narrow = on_terminal and self.options.format == "table"
        return TextTable(
            self._fields(resource),
            self._now_ms(),
            width=shutil.get_terminal_size().columns if narrow else None,
            color=use_color(self._stream),
        )

    def _json(self, value: Any) -> None:
        self._line(json_ascii(value, indent=2))

    def _json_line(self, value: Any) -> None:
        self._line(json_ascii(value))
        self._stream.flush()

    def _line(self, line: str) -> None:
        self._stream.write(f"{line}\n")


def use_color(stream: TextIO) -> bool:
    """Whether to color: on a terminal, unless NO_COLOR; anywhere with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _one_line(text: str) -> str:
    from trigdash.model.clean import clean

    return clean(text)
