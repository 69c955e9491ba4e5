"""The payload tab: what went in, what came out, and the metadata between, as JSON that folds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.presentation.cell import Cell, Piece
from trigdash.presentation.run.json_rows import JsonRows, read_json
from trigdash.presentation.units import count, size
from trigdash.service.cache.store import Snapshot
from trigdash.service.runs.document import MAX_BYTES, Document, DocumentQuery
from trigdash.ui.screens.run.pane import Pane
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.json_view import JsonView
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.model.run import Run
    from trigdash.service.cache.query import Query

Part = Literal["payload", "output"]
PARTS: tuple[Part, ...] = ("payload", "output")
LARGE_BYTES = 500_000
"""Documents beyond this become rows in a thread: a megabyte of small values takes 100 ms."""
QUICK_ROWS = 30_000
"""Rows that are searched again with every letter: about 50 ms."""


class PayloadPane(Pane):
    """Payload, output, metadata, error and schedule as one document."""

    TAB: ClassVar[str] = "payload"
    KEY: ClassVar[str] = "p"
    TITLE: ClassVar[str] = "Payload"
    SEARCH: ClassVar[str] = "a key or a value"

    def __init__(self, view: Any) -> None:
        super().__init__(view)
        self._documents: dict[Part, Snapshot[Document]] = {}
        """Parts that are stored outside of the run, once they are requested."""
        self._shown: object = None
        self._looks_for = ""
        """What is being looked for in a thread."""

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield JsonView(id="json")

    @property
    def json(self) -> JsonView:
        """The document."""
        return self.query_one(JsonView)

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return [DocumentQuery(self.view.run_id, part) for part in self._documents]

    # What is shown

    @override
    def show_data(self, now: datetime) -> None:
        run = self.view.run
        documents = tuple(self._documents.values())
        if run is None or self._shown == (id(run), documents):
            return
        self._shown = (id(run), documents)
        value: dict[str, Any] = {
            part: self._part(run, part) for part in PARTS if self._has(run, part)
        }
        if run.metadata is not None:
            value["metadata"] = _opened(run.metadata)
        known = (document.data for document in documents if document.data is not None)
        if sum(document.size_bytes for document in known) > LARGE_BYTES:
            self.run_worker(self._make_rows(value, run.id), group="rows", exclusive=True)
        else:
            self._show_rows(JsonRows(value, run.id))

    async def _make_rows(self, value: object, name: str) -> None:
        """Make rows; for a large document in the background, so that keys are handled meanwhile."""
        rows = await asyncio.to_thread(JsonRows, value, name)
        if self.is_running:
            self._show_rows(rows)

    def _show_rows(self, rows: JsonRows) -> None:
        self.json.show_rows(rows)
        self._show_scope()

    def _has(self, run: Run, part: Part) -> bool:
        return bool(_link(run, part)) or (run.has_payload if part == "payload" else run.has_output)

    def _part(self, run: Run, part: Part) -> Any:
        if not _link(run, part):
            return _opened(run.payload if part == "payload" else run.output)
        snapshot = self._documents.get(part)
        if snapshot is None:
            return "stored apart from the run because of its size: enter fetches it"
        if snapshot.data is not None:
            return snapshot.data.value
        if snapshot.problem is not None:
            return f"could not be fetched: {snapshot.problem.message}"
        return f"fetching, up to {size(MAX_BYTES)} …"

    @override
    def has_data(self) -> bool:
        run = self.view.run
        if run is None:
            return False
        return run.metadata is not None or any(self._has(run, part) for part in PARTS)

    @override
    def empty_lines(self) -> list[Cell]:
        return [(("this run has no payload, no output and no metadata", "dim"),)]

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        if isinstance(query, DocumentQuery) and query.part in self._documents:
            self._documents[query.part] = snapshot
            self.update(self.host.session.clock.now())

    def _show_scope(self) -> None:
        rows = self.json.rows
        if rows is None:
            return
        said: list[Piece] = []
        if rows.left_out:
            said.append((f"{count(rows.left_out)} values left out   ", "warn"))
        if self._looks_for:
            said.append(("looking …   ", "dim"))
        elif rows.text:
            at = rows.match_number(self.json.row or 0)
            role = "text" if rows.matches else "warn"
            of = f"{at or '–'} of {count(len(rows.matches))} matches"
            said.append((f"{of if rows.matches else 'no match'}   ", role))
        elif self.json.row is not None:
            said.append((f"{rows.path(self.json.row)}   ", "faint"))
        self.query_one(FilterLine).show(self._looks_for or rows.text, tuple(said))

    @on(LineList.CursorMoved, "#json")
    @on(JsonView.Changed)
    def _moved(self) -> None:
        self._show_scope()

    # Parts that are stored separately

    @on(LineList.Opened, "#json")
    def _fetch(self, message: LineList.Opened) -> None:
        message.stop()
        rows, row, run = self.json.rows, self.json.row, self.view.run
        if rows is None or row is None or run is None or rows.depth[row] != 1:
            return
        for part in PARTS:
            if rows.keys[row] == part and _link(run, part) and part not in self._documents:
                self._documents[part] = Snapshot()
                self.host.sync()
                self.update(self.host.session.clock.now())

    # Searching and copying

    @on(JsonView.FindAsked)
    def _find(self, message: JsonView.FindAsked) -> None:
        message.stop()
        self.edit_search()

    @override
    def searches_quickly(self) -> bool:
        return self.json.rows is not None and len(self.json.rows) <= QUICK_ROWS

    @override
    def search(self, line: str) -> None:
        self.workers.cancel_group(self, "search")
        self._looks_for = ""
        if not line or self.searches_quickly():
            self.json.search(line)
        elif self.json.rows is not None:
            self._looks_for = line
            self.run_worker(self._search_beside(self.json.rows, line), group="search")
        self._show_scope()

    async def _search_beside(self, rows: JsonRows, line: str) -> None:
        """Half a million rows are searched in a thread, so that keys are answered meanwhile."""
        found = await asyncio.to_thread(rows.found, line)
        if not self.is_running:
            return
        if rows is self.json.rows:
            self._looks_for = ""
            self.json.show_found(line, found)
            self._show_scope()
        else:
            # The value grew meanwhile: what was found is of the one before.
            self.search(line)

    @override
    def clear(self) -> bool:
        if self.json.rows is None or not (self.json.rows.text or self._looks_for):
            return False
        self.search("")
        return True

    @override
    def copied(self) -> tuple[str, str] | None:
        rows, row = self.json.rows, self.json.row
        if rows is None or row is None:
            return None
        return rows.copied(row), f"the value of {rows.path(row)}"

    @override
    def opened_text(self) -> tuple[str, str]:
        rows, row = self.json.rows, self.json.row
        if rows is None or row is None:
            return ".txt", ""
        return ".txt" if rows.is_text(row) else ".json", rows.copied(row)

    @on(JsonView.SaveAsked)
    def _save(self, message: JsonView.SaveAsked) -> None:
        message.stop()
        rows, row = self.json.rows, self.json.row
        if rows is not None and row is not None:
            self.host.save_value(
                rows.path(row), partial(rows.copied, row), is_text=rows.is_text(row)
            )

    @on(JsonView.PathCopied)
    def _copy_path(self, message: JsonView.PathCopied) -> None:
        message.stop()
        self.host.trigdash.copy(message.path, f"the path {message.path}")


def _link(run: Run, part: Part) -> str | None:
    return run.payload_presigned_url if part == "payload" else run.output_presigned_url


def _opened(value: Any) -> Any:
    """JSON within a string is shown as JSON (recorded: payloads of batch items are such)."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return read_json(value)[0]
    return value
