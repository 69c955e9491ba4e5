"""The question before a bulk: the frozen preview, and on production the count to type."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.service.bulk_plan import BulkPlan, BulkPreview
from trigdash.ui.cells import Cell
from trigdash.ui.cells.units import count, plural
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings
from trigdash.ui.writing.bulk_words import NAMES, title

LOOK_S = 5.0
"""How often it is looked whether runs of the preview have started."""

Look = Callable[[], Awaitable[int | None]]
"""How many runs have started since the preview was taken; None when that cannot be told now."""

EXPORTED = ("id", "task", "status", "created_at", "tags")


class AskBulk(Dialog[BulkPlan]):
    """Asks whether to carry a plan out; gives the plan."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree", "preview")
    AUTO_FOCUS = "Entry, Choice"
    DEFAULT_CSS = """
    AskBulk .type-it { height: 1; margin: 1 0 0 0; }
    AskBulk #since { height: auto; display: none; }
    """

    def __init__(
        self,
        preview: BulkPreview,
        place: Place,
        lines: Sequence[Cell],
        *,
        opened_by: str | None = None,
        look: Look | None = None,
    ) -> None:
        super().__init__(title(preview), place, opened_by=opened_by)
        self._preview = preview
        self._lines = lines
        self._look = look

    @property
    def _count(self) -> str:
        return str(self._preview.count)

    @override
    def compose_frame(self) -> Iterable[Widget]:
        verb = NAMES[self._preview.plan.verb].lower()
        yield Static(self.lines(self._lines), classes="said")
        yield Static(id="since")
        if self.place.production:
            yield Static(self.lines([self._demand()]), classes="type-it")
            yield Entry(id="count", max_length=12, restrict="[0-9, ]*")
        yield Choices(
            Choice("no", "leave them all", key="esc"),
            Choice(
                "yes",
                f"{verb} {plural(self._preview.count, 'run')}",
                key="enter" if self.place.production else "y",
                dangerous=self.place.production,
            ),
            Choice("export", "export the list", key="e"),
        )

    def _demand(self) -> Cell:
        undone = "This cannot be undone. " if self._preview.plan.verb == "cancel" else ""
        return ((f"{undone}Type ", "text"), (self._count, "bad-strong"), (" to confirm:", "text"))

    def on_mount(self) -> None:
        self._show()
        if self._look is not None:
            self.set_interval(LOOK_S, self._look_again)

    @work(exclusive=True, group="look")
    async def _look_again(self) -> None:
        """Say how many have started meanwhile: the list is frozen, the runs are not."""
        started = await self._look() if self._look is not None else None
        if started is None or not self.is_running:
            return
        words = f"● {count(started)} of them started since the preview was taken"
        self.say("#since", [((words, "warn"),)])
        self.query_one("#since", Static).display = started > 0

    def _is_confirmed(self) -> bool:
        """Whether it may be answered with yes: on production the count must be typed."""
        if not self._preview.count:
            return False
        if not self.place.production:
            return True
        return self.query_one(Entry).value.strip().replace(",", "") == self._count

    def _show(self) -> None:
        self.query_one(".choice.-yes", Choice).disabled = not self._is_confirmed()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.action_agree()

    def action_agree(self) -> None:
        """Carry it out, if it is confirmed."""
        if self._is_confirmed():
            self.answer(self._preview.plan)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        elif event.answer == "export":
            self.action_export()
        else:
            self.action_agree()

    def action_export(self) -> None:
        """Save the list to a file; the question stays open."""
        from trigdash.ui.screens.save import SaveScreen  # loaded when first wanted

        records = [
            {
                "id": row.id,
                "task": row.task,
                "status": row.status_name,
                "created_at": datetime.fromtimestamp(row.created_ms / 1000, UTC).isoformat(),
                "tags": row.tags,
            }
            for row in self._preview.rows
        ]
        screen = SaveScreen(f"bulk-{self._preview.plan.verb}", EXPORTED, records)
        self.app.push_screen(screen, self._say_exported)

    def _say_exported(self, path: Path | None) -> None:
        if path is not None:
            self.notify(f"saved {path}", markup=False)
