"""Cells of CSV files that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from trigdash.config.files import new_file
from trigdash.model.clean import clean_text, one_line
from trigdash.model.json_text import escaped, json_spaced

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


Record = Mapping[str, object]

FORMATS = (".csv", ".jsonl", ".txt")

VALUE_FORMATS = (".json", ".txt")

MAX_TEXT_WIDTH = 60
"""Columns that one value may take in aligned text; the other formats keep it whole."""


def write_records(path: Path, columns: Sequence[str], records: Sequence[Record]) -> None:
    """Write records to a new file, readable by its owner alone. Raises FileTrouble when that fails,
    and leaves no file then."""
    with new_file(path) as file:
        if path.suffix == ".jsonl":
            for record in records:
                file.write(escaped(json_spaced(dict(record))) + "\n")
        elif path.suffix == ".csv":
            _write_csv(file, columns, records)
        else:
            _write_text(file, columns, records)


def write_value(path: Path, text: str, *, is_text: bool) -> None:
    """Write one value to a new file, readable by its owner alone. `text` is JSON, or the value
    itself where `is_text` says so. Raises FileTrouble when that fails, and leaves no file then."""
    if path.suffix == ".txt":
        written = clean_text(text)
    else:
        value = json_spaced(text) if is_text else text
        written = "\n".join(map(escaped, value.split("\n")))
    with new_file(path) as file:
        file.write(f"{written}\n")


def _write_csv(file: TextIO, columns: Sequence[str], records: Sequence[Record]) -> None:
    controller = csv.writer(file)
    controller.writerow(columns)
    for record in records:
        controller.writerow([inert(clean_text(_plain(record.get(name)))) for name in columns])


def _write_text(file: TextIO, columns: Sequence[str], records: Sequence[Record]) -> None:
    table = [[name.upper() for name in columns]]
    table += [
        [one_line(_plain(record.get(name)))[:MAX_TEXT_WIDTH] for name in columns]
        for record in records
    ]
    widths = [max(len(row[index]) for row in table) for index in range(len(columns))]
    for row in table:
        line = "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True))
        file.write(line.rstrip() + "\n")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " ".join(str(each) for each in value)
    return str(value)
