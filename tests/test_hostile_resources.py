"""Every field of every resource holds hostile text: nothing of it acts, wherever it is shown.

Generated from the declarations: a new resource is covered as soon as its module is there.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.drift.readers import NOW_MS, Reader, readers, rows_of
from tests.hostile import CORPUS, FORMULAS, forbidden_in
from trigdash.commands.output import FORMATS, Output, OutputOptions
from trigdash.model.clean import clean
from trigdash.presentation import resources
from trigdash.presentation.cell import cell_text
from trigdash.presentation.field import plain
from trigdash.presentation.registry import RESOURCES, load_resource
from trigdash.presentation.save_formats import FORMATS as SAVED
from trigdash.presentation.save_formats import write_records
from trigdash.service.actions.outcome import read_audit

TEXT = " ".join(CORPUS)
NAMES = tuple(sorted(module.name for module in iter_modules(resources.__path__)))
READ_APART = {"runs": "runs_list by run_page.parse_runs"}


@cache
def reader_of(name: str, what: str = "list") -> Reader:
    wanted = READ_APART.get(name, f"{name} {what}")
    return next(reader for reader in readers(60_000) if reader.name == wanted)


@cache
def hostile_rows(name: str, text: str) -> tuple[Any, ...]:
    """The rows of a resource's fullest answer, each text in them replaced as far as a row is still
    read with it: times and numbers stay."""
    if name == "actions":
        return hostile_entries(text)
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


def hostile_entries(text: str) -> tuple[Any, ...]:
    """What an action log tells that somebody else wrote."""
    words = ("environment", "action", "target", "result", "sentence", "new_id", "filter")
    entry = {"at": "2026-01-01T00:00:00+00:00", "run_ids": [text]} | dict.fromkeys(words, text)
    with TemporaryDirectory() as folder:
        log = Path(folder) / "actions.jsonl"
        log.write_text(f"{json.dumps(entry)}\n")
        return tuple(read_audit(log))


@cache
def hostile_things(name: str, text: str) -> tuple[Any, ...]:
    """What single things are read as, where their answer is another than a row's, with texts
    replaced one after the other."""
    found = []
    if f"{name} get" not in {reader.name for reader in readers(60_000)}:
        return ()
    reader = reader_of(name, "get")
    for body in reader.bodies:
        holder = [json.loads(body)]
        for container, key in _texts(holder):
            before = container[key]
            container[key] = text
            try:
                reader.parser(json.dumps(holder[0]).encode())
            except ValueError:
                container[key] = before
        found.append(reader.parser(json.dumps(holder[0]).encode()))
    return tuple(found)


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


def test_every_declared_resource_is_here() -> None:
    assert {*RESOURCES, "queues", "batches", "runs"} <= set(NAMES)
    assert all(hostile_things(name, TEXT) for name in ("errors", "tokens", "schedules"))


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
            texts += resource.opens(row) or ()
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
def test_nothing_acts_where_one_thing_is_shown(name: str) -> None:
    """Field by field in words, as rows and as JSON; the answer for one thing has more texts."""
    resource = load_resource(name)
    for form in FORMATS:
        stream = io.StringIO()
        output = Output(OutputOptions(form), lambda: NOW_MS, stream)
        for thing in (*hostile_things(name, TEXT), *hostile_rows(name, TEXT)):
            output.row(resource, thing)
        assert "\x1b" not in stream.getvalue()
        assert forbidden_in(stream.getvalue().encode("utf-8", "surrogatepass")) == []


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
