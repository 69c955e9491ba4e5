"""What is taken along from a run: copies, files, and its address in the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from typing_extensions import override

from trigdash.ui.screens.saves_text import SavesText, written
from trigdash.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from trigdash.presentation.save_formats import Record
    from trigdash.ui.screens.run.pane import Pane

MAX_FILE_NAME = 100
"""Characters of a proposed name, before time and ending."""


class TakesAlong(SavesText):
    """A screen of one run, whose open tab has something to take along."""

    run_id: str

    @property
    def pane(self) -> Pane:
        """The open tab."""
        raise NotImplementedError

    def action_copy_field(self) -> None:
        """Copy what is highlighted."""
        copied = self.pane.copied()
        if copied is not None:
            self.trigdash.copy(*copied)

    def save(self, what: str, columns: Sequence[str], records: Sequence[Record]) -> None:
        """Save what is shown to a file, and say where."""
        from trigdash.ui.dialogs.save import SaveScreen

        if not len(records):
            self.trigdash.toast("there is nothing to save")
            return
        name = f"{self.run_id}-{what}"
        self.app.push_screen(SaveScreen(name, columns, records), self._show_saved)

    def save_value(self, path: str, text: Callable[[], str], *, is_text: bool) -> None:
        """Save one value of the run, found at a JSON path."""
        from trigdash.ui.dialogs.save import SaveValue

        steps = re.sub(r"[^A-Za-z0-9_-]+", "-", path).strip("-")
        name = f"{self.run_id}-{steps}"[:MAX_FILE_NAME]
        self.app.push_screen(SaveValue(name, path, text, is_text=is_text), self._show_saved)

    @override
    def action_save_shown(self) -> None:
        """Save what the open tab shows, wherever the focus is."""
        for lines in self.pane.query(LineList):
            save = getattr(lines, "action_save_shown", None)
            if save is not None:
                save()
                return
        self.save_text(f"{self.run_id}-{self.pane.TAB}", written(self.pane))

    def action_open_in_editor(self) -> None:
        """Open what the tab shows in the user's editor or pager."""
        ending, text = self.pane.opened_text()
        if text.strip():
            name = f"{self.run_id}-{self.pane.TAB}{ending}"
            self.trigdash.open_in_editor(re.sub(r"[^\w.-]+", "-", name), text)
        else:
            self.trigdash.toast("there is nothing to open yet")

    def action_copy_link(self) -> None:
        """Copy the dashboard's address of the run."""
        if link := self.trigdash.run_link(self.run_id):
            self.trigdash.copy(link, link)

    def action_open_in_browser(self) -> None:
        """Open the run in the browser."""
        if link := self.trigdash.run_link(self.run_id):
            self.trigdash.browse(link)
