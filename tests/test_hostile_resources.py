"""Every field of every resource holds hostile text: nothing of it acts, wherever it is shown.

Generated from the registry: a new resource is covered as soon as it is registered.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.drift.readers import NOW_MS, Reader, readers, rows_of
from tests.hostile import CORPUS, FORMULAS, forbidden_in
from trigdash.commands.output import FORMATS, Output, OutputOptions
from trigdash.model.clean import clean
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import plain
from trigdash.presentation.registry import RESOURCES, load_resource
from trigdash.presentation.save_formats import FORMATS as SAVED
from trigdash.presentation.save_formats import write_records

TEXT = " ".join(CORPUS)
NAMES = (*RESOURCES, "queues", "batches")


@cache
def reader_of(name: str) -> Reader:
    return next(reader for reader in readers(60_000) if reader.name == f"{name} list")


@cache
def hostile_rows(name: str, text: str) -> tuple[Any, ...]:
    """The rows of a resource's fullest answer, each text in them replaced as far as a row is still
    read with it: times and numbers stay."""
    reader = reader_of(name)
    fullest = max(reader.bodies, key=lambda body: len(read_rows(reader, body)))
    holder = [json.loads(fullest)]
    count = len(read_rows(reader, fullest))
    assert count, name
    for container, key in _texts(holder):
        before = container[key]
        container[key] = text
        rows = read_rows(reader, json.dumps(holder[0]).encode())
        if len(rows) < count:
            container[key] = before
    return read_rows(reader, json.dumps(holder[0]).encode())


def read_rows(reader: Reader, body: bytes) -> tuple[Any, ...]:
    try:
        read = rows_of(reader.parser(body))
    except ValueError:
        return ()
    return read.rows if read is not None and not read.unread else ()


def _texts(holder: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Places of texts, in the first rows of lists."""
    waiting: list[Any] = list(holder)
    found: list[tuple[Any, Any]] = []
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(min(2, len(container)))
        for key in keys:
            if isinstance(container[key], str):
                found.append((container, key))
            elif isinstance(container[key], dict | list):
                waiting.append(container[key])
    return iter(found)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_texts_reach_most_fields(name: str) -> None:
    """What the other tests here stand on."""
    resource = load_resource(name)
    rows = hostile_rows(name, TEXT)
    shown = " ".join(plain(field.value(row)) for row in rows for field in resource.fields)
    assert "pwned" in shown or "txt.exe" in shown, shown[:300]


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_key_or_explanation_acts(name: str) -> None:
    resource, typed = load_resource(name), defaultdict(lambda: 7)
    for row in hostile_rows(name, TEXT):
        texts = [cell_text(field.cell(row, NOW_MS)) for field in resource.fields]
        texts += [cell_text(resource.explanation(row, NOW_MS)), resource.key(row)]
        if resource.opens is not None:
            texts += resource.opens(row)
        for action in resource.actions:
            if not action.on_list:
                texts += [action.disabled_reason(row), action.consequence(row, typed)]
        for text in texts:
            assert clean(text) == text, "it is clean where it is made, and again where it is shown"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_no_command_prints_what_acts(name: str, form: str) -> None:
    stream = io.StringIO()
    resource = load_resource(name)
    output = Output(OutputOptions(form), lambda: NOW_MS, stream)
    output.rows(resource, hostile_rows(name, TEXT))
    printed = stream.getvalue()
    assert printed
    assert "\x1b" not in printed
    assert forbidden_in(printed.encode("utf-8", "surrogatepass")) == []
    printed.encode()  # no half of a character is left


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_a_csv_file_is_a_formula(name: str, tmp_path: Path) -> None:
    resource = load_resource(name)
    for formula in FORMULAS:
        rows = hostile_rows(name, formula)
        stream = io.StringIO()
        Output(OutputOptions("csv"), lambda: NOW_MS, stream).rows(resource, rows)
        path = tmp_path / f"{FORMULAS.index(formula)}.csv"
        names = [field.name for field in resource.fields]
        records = [{field.name: field.value(row) for field in resource.fields} for row in rows]
        write_records(path, names, records)
        for text in (stream.getvalue(), path.read_text()):
            cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
            assert any(formula.strip() in cell for cell in cells)
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("ending", SAVED)
@pytest.mark.parametrize("name", NAMES)
def test_no_saved_file_acts(name: str, ending: str, tmp_path: Path) -> None:
    resource = load_resource(name)
    records = [
        {field.name: field.value(row) for field in resource.fields}
        for row in hostile_rows(name, TEXT)
    ]
    path = tmp_path / f"out{ending}"
    write_records(path, [field.name for field in resource.fields], records)
    assert forbidden_in(path.read_bytes()) == []
    assert b"\x1b" not in path.read_bytes()
