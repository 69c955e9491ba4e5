"""A bulk under way: how far it is, and what failed. Closing it leaves the bulk running."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.bulk import progress_lines, title, unnamed_lines, wave_lines
from trigdash.presentation.cell import Cell
from trigdash.presentation.units import count
from trigdash.service.bulk.bulk import Bulk
from trigdash.service.bulk.progress import BulkState
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

TICK_S = 0.5

MAX_LISTED = 200
"""Lines of failures and lost answers; who has more reads them in the run list."""

LEAVE = "leave it running"

AfterBulk = Literal["retry"]


class BulkProgressDialog(Dialog[AfterBulk]):
    """Shows a bulk's progress; gives "retry" when its failures are to be tried again."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("bulk")
    DEFAULT_CSS = """
    BulkProgressDialog VerticalScroll { height: auto; max-height: 12; margin: 1 0 0 0; }
    """

    def __init__(
        self, bulk: Bulk, place: EnvironmentLabel, *, opened_by: str | None = None
    ) -> None:
        super().__init__(title(bulk.plan), place, opened_by=opened_by)
        self._bulk = bulk
        self._listed = -1

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(id="progress", classes="said")
        yield VerticalScroll(Static(id="failures", classes="said"), id="list", can_focus=False)
        yield Choices(
            Choice("leave", LEAVE, key="esc"),
            Choice("abort", "abort", key="x", dangerous=True),
            Choice("retry", "retry failures", key="r"),
        )

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.show_progress)
        self.show_progress()

    def show_progress(self) -> None:
        """Show how far it is now."""
        if not self.is_alive:
            return
        progress = self._bulk.progress
        lines: list[Cell] = [(("chosen by  ", "dim"), (self._bulk.plan.label, "text")), ()]
        lines += [*progress_lines(progress), *wave_lines(self._bulk)]
        if problem := self._bulk.journal.problem:
            lines.append(((problem, "warn"),))
        elif progress.state is BulkState.INTERRUPTED and self._bulk.journal.can_be_resumed:
            lines.append((("its list is kept, to be resumed from", "text"),))
        self.set_lines("#progress", lines)
        self._list_failures(progress.failed + progress.unknown)
        goes_on = progress.state.is_active
        self.query_one(".choice.-leave", Choice).set_label(LEAVE if goes_on else "close")
        self.query_one(".choice.-abort", Choice).disabled = progress.state is not BulkState.RUNNING
        self.query_one(".choice.-retry", Choice).disabled = goes_on or not self._bulk.failures

    def _list_failures(self, number: int) -> None:
        if number == self._listed:
            return
        self._listed = number
        named = self._bulk.failures
        lost = self._bulk.unknown
        lines = unnamed_lines(self._bulk.plan.verb, self._bulk.progress.failed - len(named))
        lines += [((f"{run_id}  ", "dim"), (reason, "bad")) for run_id, reason in named]
        lines += [((f"{run_id}  ", "dim"), ("no answer", "warn")) for run_id in lost]
        if len(lines) > MAX_LISTED:
            more = len(lines) - MAX_LISTED
            lines = [*lines[:MAX_LISTED], ((f"and {count(more)} more", "dim"),)]
        self.set_lines("#failures", lines)

    def action_abort(self) -> None:
        """Stop it: what was done stays done. Only the first press counts."""
        self.app.run_worker(self._bulk.abort(), group="deeds", exit_on_error=True)
        self.call_later(self.show_progress)

    def action_scroll_list(self, lines: int) -> None:
        """Scroll what failed."""
        self.query_one("#list").scroll_relative(y=lines, animate=False)

    def action_retry(self) -> None:
        """Repeat the failures as a separate bulk action."""
        if not self._bulk.state.is_active and self._bulk.failures:
            self.answer("retry")

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "abort":
            self.action_abort()
        elif event.answer == "retry":
            self.action_retry()
        else:
            self.answer(None)
