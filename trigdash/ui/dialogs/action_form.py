"""The question before an action of a resource: its inputs, and what will happen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from trigdash.presentation.action import ActionInput, ActionSpec, Values, read_input
from trigdash.presentation.answer_lines import change_cell
from trigdash.presentation.cell import Cell
from trigdash.ui.dialogs.choice import Choice, Choices, Editor, Entry
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

if TYPE_CHECKING:
    from collections.abc import Mapping


MAX_CHANGES = 14
"""Lines of changes that are shown before they are agreed to."""


class ActionForm(Dialog[Values]):
    """Asks for the inputs of an action; answers with their values when they can be read."""

    DEFAULT_CSS = """
    ActionForm .label { height: auto; width: 1fr; color: $role-dim; margin: 1 0 0 0; }
    ActionForm TextArea { height: 8; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")
    AUTO_FOCUS = "Entry, Editor"

    def __init__(
        self,
        action: ActionSpec[Any],
        row: Any,
        title: str,
        place: EnvironmentLabel,
        facts: Sequence[Cell],
        *,
        rows: Sequence[Any] = (),
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._action = action
        self._row = row
        self._facts = facts
        self._rows = rows

    @override
    def compose_frame(self) -> Iterable[Widget]:
        if self._facts:
            yield Static(self.lines(self._facts), classes="said")
        for each in self._action.inputs:
            optional = "" if each.is_required else "  (may be left empty)"
            label: Cell = ((each.label, "text"), (optional, "faint"))
            yield Static(self.lines([label]), classes="label")
            yield self._line(each)
        yield Static(classes="hint", id="consequence")
        yield Choices(
            Choice("no", "leave it", key="esc"),
            Choice(
                "yes", self._action.title.lower(), key="ctrl+s", dangerous=self.place.production
            ),
        )

    def _line(self, each: ActionInput[Any]) -> Widget:
        start = each.start(self._row) if each.start is not None else ""
        if each.is_long:
            return Editor(start, id=f"input-{each.name}", tab_behavior="focus")
        return Entry(start, id=f"input-{each.name}", select_on_focus=False)

    def on_mount(self) -> None:
        self._show()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _show(self) -> None:
        read = self._read()
        self.query_one(".choice.-yes", Choice).disabled = isinstance(read, str)
        if isinstance(read, str):
            self.set_lines("#consequence", [((read, "warn"),)])
        else:
            said: Cell = ((self._action.consequence(self._row, read), "text"),)
            self.set_lines("#consequence", [said, *self._preview(read)])

    def _preview(self, values: Values) -> list[Cell]:
        """What changes, line by line: what is new or different first."""
        if self._action.preview is None:
            return []
        changes = sorted(
            self._action.preview(self._rows, values), key=lambda change: not change[0].strip()
        )
        lines = [change_cell(change) for change in changes[:MAX_CHANGES]]
        if len(changes) > MAX_CHANGES:
            lines.append(((f"… {len(changes) - MAX_CHANGES:,} more", "faint"),))
        return lines

    def _read(self) -> Values | str:
        """The values given, or what is wrong with one of them."""
        values: dict[str, Any] = {}
        for each in self._action.inputs:
            try:
                value = read_input(each, self._typed()[each.name])
            except ValueError as problem:
                return f"{each.name}: {problem}"
            if value is not None:
                values[each.name] = value
        return self._action.problem(values) or values

    def _typed(self) -> Mapping[str, str]:
        return {
            each.name: self.query_one(f"#input-{each.name}", Editor).text
            if each.is_long
            else self.query_one(f"#input-{each.name}", Entry).value
            for each in self._action.inputs
        }

    def action_save(self) -> None:
        """Agree, when every input can be read."""
        read = self._read()
        if not isinstance(read, str):
            self.answer(read)

    def action_start_over(self) -> None:
        """Bring back what the inputs held at first."""
        for each in self._action.inputs:
            start = each.start(self._row) if each.start is not None else ""
            if each.is_long:
                self.query_one(f"#input-{each.name}", Editor).text = start
            else:
                self.query_one(f"#input-{each.name}", Entry).value = start

    def on_input_submitted(self) -> None:
        self.action_save()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self.action_save()
