"""The question before a bulk: the frozen preview, and on production the count to type."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.service.bulk_plan import BulkPlan, BulkPreview
from trigdash.ui.bulk_words import NAMES, title
from trigdash.ui.cells import Cell
from trigdash.ui.cells.units import plural
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.place import Place
from trigdash.ui.keys import bindings


class AskBulk(Dialog[BulkPlan]):
    """Asks whether to carry a plan out; gives the plan."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree")
    AUTO_FOCUS = "Entry, Choice"
    DEFAULT_CSS = "AskBulk .type-it { height: 1; margin: 1 0 0 0; }"

    def __init__(
        self,
        preview: BulkPreview,
        place: Place,
        lines: Sequence[Cell],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title(preview), place, opened_by=opened_by)
        self._preview = preview
        self._lines = lines

    @property
    def _count(self) -> str:
        return str(self._preview.count)

    @override
    def compose_frame(self) -> Iterable[Widget]:
        verb = NAMES[self._preview.plan.verb].lower()
        yield Static(self.lines(self._lines), classes="said")
        if self.place.production:
            yield Static(self.lines([self._demand()]), classes="type-it")
            yield Entry(id="count", max_length=12)
        yield Choices(
            Choice("no", "leave them all", key="esc"),
            Choice(
                "yes",
                f"{verb} {plural(self._preview.count, 'run')}",
                key="enter" if self.place.production else "y",
                dangerous=self.place.production,
            ),
        )

    def _demand(self) -> Cell:
        undone = "This cannot be undone. " if self._preview.plan.verb == "cancel" else ""
        return ((f"{undone}Type ", "text"), (self._count, "bad-strong"), (" to confirm:", "text"))

    def on_mount(self) -> None:
        self._show()

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
        else:
            self.action_agree()
