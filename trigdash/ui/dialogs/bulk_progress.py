"""A bulk under way: how far it is, and what failed. Closing it leaves the bulk running."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.service.bulk import Bulk, BulkState
from trigdash.ui.cells import Cell
from trigdash.ui.cells.units import count, plural
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings
from trigdash.ui.writing.bulk_words import NAMES, progress_lines

TICK_S = 0.5

MAX_LISTED = 200
"""Failures listed; who has more reads them in the run list."""

AfterBulk = Literal["retry"]


class WatchBulk(Dialog[AfterBulk]):
    """Shows a bulk's progress; gives "retry" when its failures are to be tried again."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("bulk")
    DEFAULT_CSS = """
    WatchBulk VerticalScroll { height: auto; max-height: 12; margin: 1 0 0 0; }
    """

    def __init__(self, bulk: Bulk, place: Place, *, opened_by: str | None = None) -> None:
        plan = bulk.plan
        words = f"{NAMES[plan.verb]} {plural(len(plan.run_ids), 'run')}"
        super().__init__(words, place, opened_by=opened_by)
        self._bulk = bulk
        self._aborting = False
        self._listed = -1

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(id="progress", classes="said")
        yield VerticalScroll(Static(id="failures", classes="said"), can_focus=False)
        yield Choices(
            Choice("leave", "leave it in the background", key="esc"),
            Choice("abort", "abort", key="x", dangerous=True),
            Choice("retry", "retry the failures", key="r"),
        )

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.show_progress)
        self.show_progress()

    def show_progress(self) -> None:
        """Show how far it is now."""
        progress = self._bulk.progress
        lines: list[Cell] = [(("chosen by  ", "dim"), (self._bulk.plan.label, "text")), ()]
        lines += progress_lines(progress)
        if problem := self._bulk.journal.problem:
            lines.append(((problem, "warn"),))
        self.say("#progress", lines)
        self._list_failures(progress.failed + progress.unknown)
        running = progress.state is BulkState.RUNNING
        self.query_one(".choice.-abort", Choice).disabled = not running or self._aborting
        self.query_one(".choice.-retry", Choice).disabled = running or not self._bulk.failures

    def _list_failures(self, number: int) -> None:
        if number == self._listed:
            return
        self._listed = number
        named = self._bulk.failures
        lines: list[Cell] = [
            ((f"{run_id}  ", "dim"), (reason, "bad")) for run_id, reason in named[:MAX_LISTED]
        ]
        lines += [((f"{run_id}  ", "dim"), ("no answer", "warn")) for run_id in self._bulk.unknown]
        unnamed = self._bulk.progress.failed - len(named)
        if unnamed > 0:
            lines.append(((f"{count(unnamed)} failed that the server does not name", "warn"),))
        self.say("#failures", lines)

    def action_abort(self) -> None:
        """Stop it: what was done stays done. Only the first press counts."""
        if not self._aborting and self._bulk.state is BulkState.RUNNING:
            self._aborting = True
            self.app.run_worker(self._bulk.abort(), group="deeds", exit_on_error=True)
            self.show_progress()

    def action_retry(self) -> None:
        """Try the failures again, as a bulk of their own."""
        if self._bulk.state is not BulkState.RUNNING and self._bulk.failures:
            self.answer("retry")

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "abort":
            self.action_abort()
        elif event.answer == "retry":
            self.action_retry()
        else:
            self.answer(None)
