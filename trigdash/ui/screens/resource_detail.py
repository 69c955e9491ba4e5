"""One thing of a resource in detail, and the keys of its actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.widget import Widget
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.cell import Cell
from trigdash.presentation.list_states import list_state
from trigdash.presentation.registry import RESOURCES
from trigdash.presentation.resource import detail_lines
from trigdash.presentation.run.fields import FieldLines
from trigdash.service.cache.store import LOADING, Snapshot
from trigdash.ui.input.keys import Key, bind_alone
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.screens.saves_text import SavesText
from trigdash.ui.subject import ResourceRow
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.text_panes import StateView

if TYPE_CHECKING:
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.field import ResourceField
    from trigdash.presentation.resource import Resource
    from trigdash.service.cache.query import Query


REVEAL = "v"
"""The key that shows what is hidden."""


class ResourceActions(LiveScreen):
    """A screen whose resource says what can be done to a row."""

    resource: Resource[Any]
    is_revealed = False
    """Whether hidden fields are shown."""

    def chosen_row(self) -> Any:
        """The row that an action applies to; None without one."""
        raise NotImplementedError

    def loaded_rows(self) -> Sequence[Any]:
        """The rows of the list that are loaded, for an action on the list."""
        return ()

    def bind_own_keys(self) -> None:
        """Bind the keys of the actions; call it once, when the resource is known."""
        for key in self.own_keys():
            bind_alone(self, key.keys, key.action, key.words)

    def hides(self, field: ResourceField[Any]) -> bool:
        """Whether a field is not to be shown now."""
        return field.is_hidden and not self.is_revealed

    def action_reveal(self) -> None:
        """Show what is hidden, or hide it again."""
        self.is_revealed = not self.is_revealed
        self.show_revealed()

    def show_revealed(self) -> None:
        """Show the fields again: some were revealed or hidden."""

    def on_screen_suspend(self) -> None:
        """The screen is left: what was revealed is hidden again."""
        if self.is_revealed:
            self.action_reveal()

    def action_act(self, name: str) -> None:
        """Ask for an action on the row, or on the list."""
        action = self._action(name)
        row = None if action.on_list else self.chosen_row()
        if action.on_list or row is not None:
            subject = ResourceRow(action, self.resource, row, self.loaded_rows())
            self.trigdash.start_action(action.name, subject)

    def _action(self, name: str) -> ActionSpec[Any]:
        return next(each for each in self.resource.actions if each.name == name)

    @override
    def own_keys(self) -> Iterable[Key]:
        """The keys of the resource's own actions."""
        noun = self.resource.singular
        for each in (each for each in self.resource.actions if each.key):
            words = each.label(noun)
            said = words if each.on_list else f"{words} the {noun}"
            yield Key("", each.key, f"act('{each.name}')", words, said, each.needs)
        if any(field.is_hidden for field in self.resource.fields):
            words = "hide" if self.is_revealed else "reveal"
            yield Key("", REVEAL, "reveal", words, "show what is hidden, or hide it again")


class ResourceDetail(ResourceActions, SavesText):
    """What is known of one row; `y` copies the highlighted field."""

    FOOTER: ClassVar[tuple[str, ...]] = ("run.copy", "app.back", "app.refresh", "app.help")
    KEY_GROUPS: ClassVar[tuple[str, ...]] = ("lines", "overview", "text", "everywhere")
    AUTO_FOCUS = "FieldList"
    DEFAULT_CSS = """
    ResourceDetail FieldList { height: 1fr; margin: 1 1 0 1; display: none; }
    ResourceDetail.-known FieldList { display: block; }
    ResourceDetail.-known StateView { display: none; }
    """

    def __init__(self, thing_id: str, *, resource: str) -> None:
        super().__init__()
        self.resource = RESOURCES[resource].load()
        self.bind_own_keys()
        self.PLACE = resource  # type: ignore[misc]  # one class shows every resource
        self._thing_id = thing_id
        self._snapshot: Snapshot[Any] = LOADING

    @override
    def compose_body(self) -> Iterable[Widget]:
        yield FieldList(wraps=True)
        yield StateView(id="state")

    @override
    def queries(self) -> Iterable[Query[Any]]:
        return (self.resource.query_one(self._thing_id) or self.resource.query(),)

    @override
    def main_snapshot(self) -> Snapshot[Any]:
        return self._snapshot

    @override
    def show_snapshot(self, query: Query[Any], snapshot: Snapshot[Any]) -> None:
        self._snapshot = snapshot
        self._show()

    @override
    def show_time(self, now: datetime) -> None:
        self._show()

    @override
    def chosen_row(self) -> Any:
        data = self._snapshot.data
        if data is None or self.resource.get is not None:
            return data
        return next((row for row in data.rows if self.resource.key(row) == self._thing_id), None)

    @override
    def show_revealed(self) -> None:
        self._show()
        self.show_footer()

    def _show(self) -> None:
        now = self.session.clock.now()
        row = self.chosen_row()
        self.set_class(row is not None, "-known")
        if row is not None:
            lines = list(detail_lines(self.resource, row, now.timestamp() * 1000, self.hides))
            self.query_one(FieldList).show_fields(FieldLines(lambda width: lines))
        else:
            self.query_one(StateView).show_lines(self._state(now))

    def _state(self, now: datetime) -> Sequence[Cell]:
        gone: Cell = ((f"no {self.resource.singular} {clean(self._thing_id)} here", "text"),)
        what = f"{self.resource.singular} {clean(self._thing_id)}"
        return list_state(self.session, self._snapshot, what, (gone,), now, filtered=False)

    @on(FieldList.FieldOpened)
    def _open_field(self, message: FieldList.FieldOpened) -> None:
        message.stop()
        if message.field.opens is not None:
            self.trigdash.open_detail(*message.field.opens)

    @override
    def shown_text(self) -> Iterable[str]:
        return super().shown_text() if self.chosen_row() is not None else ()

    def action_copy_field(self) -> None:
        """Copy the highlighted field."""
        field = self.query_one(FieldList).field
        if field is not None:
            self.trigdash.copy(field.copied, field.label)
