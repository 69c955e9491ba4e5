"""However long a list is, a command holds a window of it, whatever the format."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import pytest

from trigdash.commands.output import FORMATS, Output, OutputOptions
from trigdash.commands.resources import FirstRows
from trigdash.commands.row_writers import MEASURED_ROWS
from trigdash.model.capability import Capability
from trigdash.presentation.field import text
from trigdash.presentation.resource import Resource

COUNT = 3 * MEASURED_ROWS + 7


@dataclass(eq=False)
class Thing:
    """A row that can be counted while it is held."""

    id: str
    name: str


def _unpaged(page: str | None) -> Any:
    raise NotImplementedError


THINGS = Resource[Thing](
    name="things",
    singular="thing",
    title="Things",
    needs=Capability.RELATED,
    fields=(text("id", "id"), text("name", "name")),
    page=_unpaged,
    key=lambda row: row.id,
)


class Source:
    """Pages of things, made when they are asked for, and the most that were held at a time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.held: WeakSet[Thing] = WeakSet()
        self.most = 0
        self.pages_read = 0

    async def pages(self) -> AsyncIterator[tuple[list[Thing], bool]]:
        for first in range(0, self.count, 100):
            self.pages_read += 1
            page = [self._thing(at) for at in range(first, min(first + 100, self.count))]
            yield page, first + 100 < self.count

    def _thing(self, at: int) -> Thing:
        thing = Thing(f"thing_{at:05}", f"name of {at}" + "!" * (at % 40))
        self.held.add(thing)
        self.most = max(self.most, len(self.held))
        return thing


def _written(form: str, source: Source, limit: int | None = None) -> tuple[str, FirstRows[Thing]]:
    stream = io.StringIO()
    output = Output(OutputOptions(form), lambda: 0.0, stream)
    first = FirstRows(source.pages(), limit)
    asyncio.run(output.stream(THINGS, first.rows()))
    return stream.getvalue(), first


@pytest.mark.parametrize("form", FORMATS)
def test_rows_are_let_go_as_soon_as_they_are_written(form: str) -> None:
    source = Source(COUNT)
    out, first = _written(form, source)
    assert f"thing_{COUNT - 1:05}" in out
    assert not first.may_go_on
    window = MEASURED_ROWS if form in ("table", "wide") else 0
    assert source.most <= window + 200


def test_what_is_streamed_is_the_same_as_what_is_written_at_once() -> None:
    rows = [Thing(f"thing_{at}", f'say "{at}"\n=1') for at in range(30)]
    for form in FORMATS:
        at_once = io.StringIO()
        Output(OutputOptions(form), lambda: 0.0, at_once).rows(THINGS, rows)
        if form == "json":
            expected = [{"id": row.id, "name": row.name} for row in rows]
            assert json.loads(at_once.getvalue()) == expected
            assert at_once.getvalue() == json.dumps(expected, indent=2) + "\n"
        if form == "csv":
            read = list(csv.reader(io.StringIO(at_once.getvalue())))
            assert [line[0] for line in read] == ["id", *(row.id for row in rows)]


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_list_is_a_whole_document(form: str) -> None:
    out, _ = _written(form, Source(0))
    assert out == {
        "json": "[]\n",
        "csv": "id,name\n",
        "table": "ID  NAME\n",
        "wide": "ID  NAME\n",
    }.get(form, "")


def test_columns_keep_their_place_below_the_first_rows() -> None:
    out, _ = _written("table", Source(COUNT))
    lines = out.splitlines()
    assert len(lines) == COUNT + 1
    assert {line.index("name") for line in lines[1:]} == {lines[0].index("NAME")}


def test_an_array_that_ends_early_is_no_whole_json() -> None:
    async def broken() -> AsyncIterator[Thing]:
        yield Thing("thing_1", "one")
        raise ConnectionError

    stream = io.StringIO()
    output = Output(OutputOptions("json"), lambda: 0.0, stream)
    with pytest.raises(ConnectionError):
        asyncio.run(output.stream(THINGS, broken()))
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(stream.getvalue())


@pytest.mark.parametrize(
    ("count", "limit", "pages", "goes_on"),
    [
        (250, 100, 1, True),
        (100, 100, 1, False),
        (250, 150, 2, True),
        (250, 250, 3, False),
        (3, 9, 1, False),
    ],
)
def test_no_page_is_read_to_find_out_whether_there_is_more(
    count: int, limit: int, pages: int, goes_on: bool
) -> None:
    source = Source(count)
    out, first = _written("name", source, limit)
    assert len(out.split()) == min(count, limit)
    assert (source.pages_read, first.may_go_on) == (pages, goes_on)
