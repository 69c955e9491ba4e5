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

from trigdash.presentation.bulk import question, title, waves_words
from trigdash.presentation.cell import Cell
from trigdash.presentation.units import count
from trigdash.service.bulk.plan import CANARY, BulkPlan, BulkPreview
from trigdash.ui.dialogs.choice import Choice, Choices, Entry
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

LOOK_S = 5.0
"""How often it is looked whether runs of the preview have started."""

Look = Callable[[], Awaitable[int | None]]
"""How many runs have started since the preview was made; None if unknown."""

ALL, ALL_WORDS = "all", "all that match"
"""The name for runs that no list names, as typed in production and as shown."""

EXPORTED = ("id", "task", "status", "created_at", "tags")


class BulkPreviewDialog(Dialog[BulkPlan]):
    """Asks whether to carry a plan out; gives the plan."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree", "preview")
    AUTO_FOCUS = "Entry, Choice"
    DEFAULT_CSS = """
    BulkPreviewDialog .type-it { height: 1; margin: 1 0 0 0; }
    BulkPreviewDialog #in-waves { height: auto; margin: 1 0 0 0; }
    BulkPreviewDialog #since { height: auto; display: none; }
    """

    def __init__(
        self,
        preview: BulkPreview,
        place: EnvironmentLabel,
        lines: Sequence[Cell],
        *,
        opened_by: str | None = None,
        look: Look | None = None,
    ) -> None:
        super().__init__(question(preview), place, opened_by=opened_by)
        self._preview = preview
        self._lines = lines
        self._look = look

    @property
    def _count(self) -> str:
        return str(self._preview.count)

    @override
    def compose_frame(self) -> Iterable[Widget]:
        production, is_cut = self.place.production, self._preview.whole is not None
        yield Static(self.lines(self._lines), classes="said")
        if self._preview.in_waves is not None and not is_cut:
            yield Static(self.lines([((f"w  {waves_words(CANARY)}", "dim"),)]), id="in-waves")
        yield Static(id="since")
        if production:
            yield Static(self.lines([self._demand()]), classes="type-it")
            yield Entry(id="count", max_length=12, restrict="[0-9, al]*" if is_cut else "[0-9, ]*")
        yield Choices(*(self._cut_choices() if is_cut else self._choices()))

    def _choices(self) -> Iterable[Choice]:
        production = self.place.production
        yes_key = "enter" if production else "y"
        yield Choice("no", "leave them all", key="esc")
        yield Choice("yes", title(self._preview.plan).lower(), key=yes_key, dangerous=production)
        if self._preview.in_waves is not None:
            yield Choice("waves", "in waves", key="w", dangerous=production)
        yield Choice("export", "export", key="e")

    def _cut_choices(self) -> Iterable[Choice]:
        """Two ways to continue. In production the typed text decides which."""
        production = self.place.production
        yes_key, all_key = ("", "") if production else ("y", "a")
        newest = f"newest {count(self._preview.count)}"
        yield Choice("no", "none", key="esc")
        yield Choice("yes", newest, key=yes_key, dangerous=production)
        yield Choice("all", ALL_WORDS, key=all_key, dangerous=production)
        yield Choice("export", "export", key="e")

    def _demand(self) -> Cell:
        undone = "This cannot be undone. " if self._preview.plan.verb == "cancel" else ""
        demand: Cell = ((f"{undone}Type ", "text"), (self._count, "bad-strong"))
        if self._preview.whole is None:
            return (*demand, (" to confirm:", "text"))
        return (
            *demand,
            (" for the newest, ", "text"),
            (ALL, "bad-strong"),
            (f" for {ALL_WORDS}:", "text"),
        )

    def on_mount(self) -> None:
        self._show()
        if self._look is not None:
            self.set_interval(LOOK_S, self._look_again)

    @work(exclusive=True, group="look")
    async def _look_again(self) -> None:
        """Say how many have started meanwhile: the list is frozen, the runs are not."""
        started = await self._look() if self._look is not None else None
        if started is None or not self.is_alive:
            return
        words = f"● {count(started)} of them started since the preview was taken"
        self.set_lines("#since", [((words, "warn"),)])
        self.query_one("#since", Static).display = started > 0

    def _agreed(self, answer: str) -> BulkPlan | None:
        """The plan of an answer, if it may be given: on production it must be typed."""
        preview = self._preview
        plan = {"all": preview.whole, "waves": preview.in_waves}.get(answer, preview.plan)
        if plan is None or not plan.run_ids:
            return None
        if self.place.production and self._typed() != (ALL if answer == "all" else self._count):
            return None
        return plan

    def _typed(self) -> str:
        return self.query_one(Entry).value.strip().replace(",", "")

    def _show(self) -> None:
        for answer in ("yes", "all", "waves"):
            for choice in self.query(f".choice.-{answer}").results(Choice):
                choice.disabled = self._agreed(answer) is None

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.answer_if_agreed("all" if self._typed() == ALL else "yes")
        if self._typed() and not self.is_left:
            wrong = f"{self.query_one(Entry).value} is not it. "
            self.set_lines(".type-it", [((wrong, "warn-strong"), *self._demand())])

    def answer_if_agreed(self, answer: str) -> None:
        """Answer with its plan, if it may be given."""
        plan = self._agreed(answer)
        if plan is not None:
            self.answer(plan)

    def action_agree(self) -> None:
        """Carry the list out, if it is confirmed."""
        self.answer_if_agreed("yes")

    def action_agree_in_waves(self) -> None:
        """Carry the list out in waves, if it is confirmed."""
        self.answer_if_agreed("waves")

    def action_agree_to_all(self) -> None:
        """Let the server find all that match, if it is confirmed."""
        self.answer_if_agreed("all")

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        elif event.answer == "export":
            self.action_export()
        else:
            self.answer_if_agreed(event.answer)

    def action_export(self) -> None:
        """Save the list to a file; the question stays open."""
        from trigdash.ui.dialogs.save import SaveScreen

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
        self.app.push_screen(screen, self._show_exported)

    def _show_exported(self, path: Path | None) -> None:
        if path is not None:
            self.notify(f"saved {path}", markup=False)
