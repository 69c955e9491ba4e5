"""Saving what is shown: as CSV, JSON lines or aligned text, into a file that is named here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.model.local_time import local
from trigdash.ui.cells.units import plural
from trigdash.ui.keys import bindings
from trigdash.ui.lifecycle import Modal
from trigdash.ui.save_formats import FORMATS, Record, write_records


class SaveScreen(Modal[Path | None]):
    """Asks for a file name; its ending is the format."""

    DEFAULT_CSS = """
    SaveScreen { align: center middle; background: $background 60%; }
    SaveScreen > Vertical {
        width: 76; max-width: 96%; height: auto; padding: 1 2; background: $panel;
        border: round $border; border-title-color: $foreground; border-title-style: bold;
    }
    SaveScreen Static { width: 1fr; height: auto; }
    SaveScreen Input, SaveScreen Input:focus {
        border: none; height: 1; padding: 0; margin: 1 0; background: $ground-selected;
        background-tint: $foreground 0%;
    }
    """
    BINDINGS = bindings("form")
    AUTO_FOCUS: ClassVar[str | None] = "Input"

    def __init__(self, what: str, columns: Sequence[str], records: Sequence[Record]) -> None:
        super().__init__()
        self._what = what
        self._columns = columns
        self._records = records

    @override
    def compose(self) -> ComposeResult:
        name = f"{self._what}-{local(datetime.now(UTC)):%Y%m%d-%H%M%S}.csv"
        with Vertical() as frame:
            frame.border_title = Content(f" save {plural(len(self._records), 'row')} ")
            yield Static(Content("file; the ending chooses csv, jsonl or txt"))
            prompt = Input(name, id="save-path", select_on_focus=False)
            prompt.cursor_blink = False
            yield prompt
            yield Static(Content("enter saves   esc leaves"), id="save-hint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        path = Path(event.value.strip()).expanduser().absolute()
        if path.suffix not in FORMATS:
            self._say(f"the name must end in {' or '.join(FORMATS)}")
        elif path.exists():
            self._say("this file exists; choose another name")
        else:
            self._save(path)

    @work(exclusive=True, group="save")
    async def _save(self, path: Path) -> None:
        try:
            await asyncio.to_thread(write_records, path, self._columns, self._records)
        except OSError as error:
            self._say(f"cannot write there: {error.strerror}")
        else:
            self.dismiss(path)

    def _say(self, words: str) -> None:
        if self.is_alive:
            self.query_one("#save-hint", Static).update(Content(clean(words)))

    def action_close(self) -> None:
        """Leave without saving."""
        self.dismiss(None)
