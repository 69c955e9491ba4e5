"""The keys of a resource's actions, on its list and on its detail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from trigdash.ui.keys import display
from trigdash.ui.screens.base import LiveScreen
from trigdash.ui.widgets.menu import Choice

if TYPE_CHECKING:
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource


class ResourceActions(LiveScreen):
    """A screen whose resource says what can be done to a row."""

    resource: Resource[Any]

    def chosen_row(self) -> Any:
        """The row that an action is about; None when there is none."""
        raise NotImplementedError

    def bind_actions(self, resource: Resource[Any]) -> None:
        """Bind the keys of the actions; call it once, when the resource is known."""
        for action in resource.actions:
            if action.key:
                self._bindings.bind(action.key, f"act('{action.name}')", action.title, show=False)

    def action_act(self, name: str) -> None:
        """Ask for an action on the row, or on the list."""
        action = self._action(name)
        row = None if action.on_list else self.chosen_row()
        if action.on_list or row is not None:
            self.trigdash.start_action(action, self.resource, row)

    def _action(self, name: str) -> ActionSpec[Any]:
        return next(each for each in self.resource.actions if each.name == name)

    @override
    def extra_footer(self) -> Iterable[Choice]:
        """The keys of the resource's own actions."""
        for action in self.resource.actions:
            if action.key:
                can = not self.session.read_only and not self.session.missing(action.needs.name)
                label = action.label(self.resource.singular)
                yield Choice(display(action.key), label, f"act('{action.name}')", enabled=can)
