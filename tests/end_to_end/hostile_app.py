"""The dashboard's widgets and dialogs, each shown hostile texts; `f5` goes to the next.

Run in a pseudo-terminal by `test_hostile_text.py`. Nothing is cleaned before: each text is handed
over as it stands.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label, Static, TextArea
from typing_extensions import override

from tests.hostile import CORPUS
from trigdash.config.options import ConfigError, Destination, UiSettings
from trigdash.model.json_text import json_pretty
from trigdash.model.queue import Queue
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import Column
from trigdash.presentation.replay_form import FIELDS
from trigdash.presentation.replay_start import FormStart
from trigdash.presentation.run.json_rows import JsonRows
from trigdash.service.connection import Connection
from trigdash.service.filters.completion import Completion
from trigdash.ui.app import TrigdashApp
from trigdash.ui.dialogs.collect_runs import CollectRunsDialog
from trigdash.ui.dialogs.confirm import ConfirmDialog, PickDialog, ReplayDialog
from trigdash.ui.dialogs.dialog import EnvironmentLabel
from trigdash.ui.dialogs.edit_replay import EditReplayDialog
from trigdash.ui.dialogs.json_form import EditMetadataDialog
from trigdash.ui.dialogs.one_line import OverrideLimitDialog, RescheduleDialog
from trigdash.ui.dialogs.save import SaveScreen
from trigdash.ui.dialogs.tags import AddTagsDialog
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.json_view import JsonView
from trigdash.ui.widgets.line import Footer, Line, MenuItem, NavLine
from trigdash.ui.widgets.line_list import LineList
from trigdash.ui.widgets.row_table import RowTable
from trigdash.ui.widgets.run_pane import RunPane
from trigdash.ui.widgets.text_panes import Explanation, StateView

TEXT = " ".join(CORPUS)
CELLS: list[Cell] = [((text, "text"),) for text in CORPUS]
PLACE = EnvironmentLabel(f"prod {TEXT}", production=True)
NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


class Lines:
    """Hostile texts as lines."""

    def __len__(self) -> int:
        return len(CELLS)

    def line(self, index: int, width: int) -> Cell:
        return CELLS[index]


class Stage(Screen[None]):
    """One widget; what is done to it once it is there."""

    def __init__(self, widget: Widget, show: Callable[[Any], object] | None = None) -> None:
        super().__init__()
        self._widget = widget
        self._show = show

    @override
    def compose(self) -> ComposeResult:
        yield self._widget

    def on_mount(self) -> None:
        if self._show is not None:
            self._show(self._widget)


def table() -> RowTable[str]:
    column: Column[str] = Column(TEXT, TEXT, lambda text, now_ms: ((text, "text"),), 60)
    return RowTable([column], key=str)


def titled() -> Widget:
    frame = VerticalScroll(Static(Content(TEXT)))
    frame.border_title = Content(TEXT)
    frame.border_subtitle = Content(TEXT)
    frame.styles.border = ("round", "white")
    return frame


def edit_replay() -> EditReplayDialog:
    payload = json_pretty({text: text for text in CORPUS})
    fields = dict.fromkeys(FIELDS, TEXT)
    start = FormStart(payload, fields, tags=(TEXT,), lines=list(CELLS))
    return EditReplayDialog(TEXT, PLACE, start, lambda: NOW)


async def gather(tell: Callable[[int], bool]) -> None:
    await asyncio.get_running_loop().create_future()


def no_completion(line: str, at: int) -> Completion:
    return Completion(at, at, (TEXT,))


def edit_filter(line: FilterLine) -> None:
    line.show(TEXT)
    line.edit()


def rows() -> JsonRows:
    return JsonRows({"values": [{text: text, "long": text * 60} for text in CORPUS]})


def stages() -> Iterator[Screen[Any]]:
    yield Stage(Line(((TEXT, "text"),), ((TEXT, "dim"),)))
    yield Stage(LineList(), lambda lines: lines.show(Lines()))
    yield Stage(LineList(wraps=True), lambda lines: lines.show(Lines()))
    yield Stage(table(), lambda rows: rows.show(list(CORPUS)))
    yield Stage(StateView(), lambda view: view.show_lines(CELLS))
    yield Stage(Explanation(), lambda line: line.show_text(((TEXT, "text"),)))
    yield Stage(RunPane(), lambda pane: pane.show_lines(lambda width: CELLS))
    yield Stage(JsonView(), lambda view: view.show_rows(rows()))
    yield Stage(Footer(), lambda menu: menu.choose_from([MenuItem(TEXT, TEXT, TEXT)]))
    yield Stage(NavLine(), lambda menu: menu.choose_from([MenuItem(TEXT, TEXT, TEXT)], CELLS[0]))
    yield Stage(FilterLine(no_completion, lambda line: None, TEXT))
    yield Stage(FilterLine(no_completion, lambda line: None, TEXT), lambda line: line.show(TEXT))
    yield Stage(FilterLine(no_completion, lambda line: None, ""), edit_filter)
    yield Stage(TextArea("\n".join(CORPUS)))
    yield Stage(Input(TEXT))
    yield Stage(Input(placeholder=TEXT))
    yield Stage(Label(TEXT, markup=False))
    yield Stage(titled())
    yield ConfirmDialog(TEXT, PLACE, CELLS, safe=TEXT, act=TEXT)
    yield PickDialog(TEXT, PLACE, CELLS, {"a": TEXT})
    yield ReplayDialog(TEXT, PLACE, CELLS, can_edit=True)
    yield AddTagsDialog(TEXT, PLACE, CELLS, CORPUS)
    yield EditMetadataDialog(TEXT, PLACE, CELLS, {text: text for text in CORPUS})
    yield edit_replay()
    yield RescheduleDialog(TEXT, PLACE, CELLS, lambda: NOW)
    yield OverrideLimitDialog(PLACE, Queue(id=TEXT, name=TEXT, kind=TEXT), 9)
    yield CollectRunsDialog(PLACE, TEXT, gather)
    yield SaveScreen(TEXT, [TEXT], [{TEXT: TEXT}])


async def refuse(where: Destination) -> Connection:
    raise ConfigError(TEXT)


class HostileApp(TrigdashApp):
    """Shows one stage after the other; then the palette, toasts, the clipboard, a crash."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "next", priority=True),
        Binding("f6", "crash", priority=True),
    ]

    def __init__(self) -> None:
        views = {text: f"task:{number}" for number, text in enumerate(CORPUS)}
        super().__init__(refuse, UiSettings(views=views, profile=TEXT, server=TEXT))
        self._stages = stages()
        self._shown = 0

    async def action_next(self) -> None:
        """Show the next stage, marked with its number."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self._shown += 1
        harness = next(self._stages, None)
        if harness is None:
            await self._say_all()
            return
        await self.push_screen(harness)
        await self._mark(harness, f"stage {self._shown}.")

    async def _say_all(self) -> None:
        self.toast(TEXT)
        self.notify(TEXT, title=TEXT, severity="error")
        self.copy(TEXT, TEXT)
        self.action_command_palette()
        await self._mark(self.screen, "all stages were shown")

    async def _mark(self, screen: Screen[Any], words: str) -> None:
        mark = Line(((words, "text"),))
        mark.styles.dock = "bottom"
        await screen.mount(mark)

    def action_crash(self) -> None:
        """Fail with a message that quotes data."""
        raise RuntimeError(TEXT)


if __name__ == "__main__":
    app = HostileApp()
    app.run()
    sys.exit(app.return_code)
