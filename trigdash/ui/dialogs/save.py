"""Saving to a file that is named here: rows, or one value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.config.files import FileTrouble
from trigdash.model.clean import clean
from trigdash.model.moment import local
from trigdash.presentation.save_formats import (
    FORMATS,
    VALUE_FORMATS,
    Record,
    write_records,
    write_value,
)
from trigdash.presentation.units import plural
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import FramedModal


class SaveFile(FramedModal[Path | None]):
    """Asks for a file name; its ending is the format."""

    DEFAULT_CSS = """
    SaveFile > Vertical { width: 76; }
    SaveFile Input, SaveFile Input:focus {
        border: none; height: 1; padding: 0; margin: 1 0; background: $ground-selected;
        background-tint: $foreground 0%;
    }
    """
    BINDINGS = bindings("form")
    AUTO_FOCUS: ClassVar[str | None] = "Input"

    ENDINGS: ClassVar[Sequence[str]]
    """Of the formats there are, the usual one first."""

    def __init__(self, name: str, title: str) -> None:
        """`name` is what the file is called, without time and ending."""
        super().__init__()
        self._stem = name
        self._what = title

    def write(self, path: Path) -> None:
        """Write the file, in a thread. FileTrouble when that fails."""
        raise NotImplementedError

    @override
    def compose(self) -> ComposeResult:
        name = f"{self._stem}-{local(datetime.now(UTC)):%Y%m%d-%H%M%S}{self.ENDINGS[0]}"
        endings = ", ".join(ending.removeprefix(".") for ending in self.ENDINGS[:-1])
        endings = f"{endings} or {self.ENDINGS[-1].removeprefix('.')}"
        with Vertical() as frame:
            frame.border_title = Content(f" save {clean(self._what)} ")
            yield Static(Content(f"file; the ending chooses {endings}"))
            prompt = Input(name, id="save-path", select_on_focus=False)
            prompt.cursor_blink = False
            yield prompt
            yield Static(Content("enter saves   esc leaves"), id="save-hint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        path = Path(event.value.strip()).expanduser().absolute()
        if path.suffix not in self.ENDINGS:
            self._show_problem(f"the name must end in {' or '.join(self.ENDINGS)}")
        elif path.exists():
            self._show_problem("this file exists; choose another name")
        else:
            self._save(path)

    @work(exclusive=True, group="save")
    async def _save(self, path: Path) -> None:
        try:
            await asyncio.to_thread(self.write, path)
        except FileTrouble as trouble:
            self._show_problem(f"cannot write there: {trouble}")
        else:
            self.dismiss(path)

    def _show_problem(self, words: str) -> None:
        if self.is_alive:
            self.query_one("#save-hint", Static).update(Content(clean(words)))

    def action_close(self) -> None:
        """Leave without saving."""
        self.dismiss(None)


class SaveScreen(SaveFile):
    """Saves rows."""

    ENDINGS = FORMATS

    def __init__(self, what: str, columns: Sequence[str], records: Sequence[Record]) -> None:
        super().__init__(what, plural(len(records), "row"))
        self._columns = columns
        self._records = records

    @override
    def write(self, path: Path) -> None:
        write_records(path, self._columns, self._records)


class SaveText(SaveFile):
    """Saves lines as they are shown."""

    ENDINGS = VALUE_FORMATS[::-1]

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, "what is shown")
        self._text = text

    @override
    def write(self, path: Path) -> None:
        write_value(path, self._text, is_text=True)


class SaveValue(SaveFile):
    """Saves one JSON value."""

    ENDINGS = VALUE_FORMATS

    def __init__(self, name: str, title: str, text: Callable[[], str], *, is_text: bool) -> None:
        """`text` gives the value: JSON, or a text as it is where `is_text` says so."""
        super().__init__(name, title)
        self._text = text
        self._is_text = is_text

    @override
    def write(self, path: Path) -> None:
        write_value(path, self._text(), is_text=self._is_text)
