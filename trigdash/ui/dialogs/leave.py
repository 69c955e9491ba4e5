"""The question before an environment is left while something is under way there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.presentation.bulk import leaving_words
from trigdash.presentation.cell import Cell
from trigdash.presentation.columns import action_label
from trigdash.presentation.units import count, duration
from trigdash.ui.dialogs.choice import Choice, Choices
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel
from trigdash.ui.input.keys import bindings

if TYPE_CHECKING:
    from trigdash.service.actions.outcome import Pending
    from trigdash.service.bulk.bulk import Bulk
    from trigdash.service.connection import Connection

LOOK_S = 0.2
"""How often it is looked what is still under way."""

MAX_LISTED = 5
"""Actions that are named; the others are counted."""


def open_bulks(connection: Connection) -> list[Bulk]:
    """The bulks that something becomes of when the connection is closed now."""
    return [
        bulk
        for bulk in connection.bulks
        if bulk.state.is_active and leaving_words(bulk.plan.verb, bulk.if_left)
    ]


def is_busy(connection: Connection | None) -> bool:
    """Whether leaving is worth a question."""
    return connection is not None and bool(
        open_bulks(connection) or connection.actions.waiting or connection.watches.running
    )


class AskToLeave(Dialog[bool]):
    """Says what is in progress and what will happen to it. It closes by itself once every action is
    answered and no bulk action would be cut short. While there are watches it waits for an answer,
    since the user may want to see their end."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("agree")

    def __init__(
        self,
        act: str,
        place: EnvironmentLabel,
        connection: Connection,
        *,
        opened_by: str | None = None,
    ) -> None:
        """`act` is what is done in the end: "quit"."""
        is_watch = not open_bulks(connection) and not connection.actions.waiting
        what = "a watch running" if is_watch else "unfinished actions"
        super().__init__(f"{act.capitalize()} with {what}", place, opened_by=opened_by)
        self._act = act
        self._connection = connection
        self._has_bulk = bool(open_bulks(connection))
        self._has_watch = bool(connection.watches.running)

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(id="under-way", classes="said")
        yield Choices(
            Choice("no", "stay", key="esc"),
            Choice("yes", f"{self._act} now", key="y", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self.set_interval(LOOK_S, self._show)
        self._show()

    def _show(self) -> None:
        if not (self._has_bulk or self._has_watch or is_busy(self._connection)):
            self.answer(True)
        else:
            lines = [*self._bulk_lines(), *self._watch_lines(), *self._action_lines()]
            self.set_lines("#under-way", lines)

    def _bulk_lines(self) -> list[Cell]:
        if not self._has_bulk:
            return []
        bulks = open_bulks(self._connection)
        if not bulks:
            return [(("the bulk has ended", "good"),)]
        return [((leaving_words(bulk.plan.verb, bulk.if_left), "warn"),) for bulk in bulks]

    def _watch_lines(self) -> list[Cell]:
        if not self._has_watch:
            return []
        running = self._connection.watches.running
        if not running:
            return [(("nothing is watched any more", "good"),)]
        lines: list[Cell] = [
            (("watching ", "warn"), (each.words, "text")) for each in running[:MAX_LISTED]
        ]
        if len(running) > MAX_LISTED:
            lines.append(((f"and {count(len(running) - MAX_LISTED)} more", "dim"),))
        return [*lines, (("Nobody is told of the end once this is left.", "dim"),)]

    def _action_lines(self) -> list[Cell]:
        waiting = self._connection.actions.waiting
        lines = [self._action_line(each) for each in waiting[:MAX_LISTED]]
        if len(waiting) > MAX_LISTED:
            lines.append(((f"and {count(len(waiting) - MAX_LISTED)} more", "dim"),))
        if waiting and not self._has_bulk and not self._has_watch:
            lines += [
                (),
                ((f"Once this is answered, trigdash will {self._act} by itself.", "dim"),),
            ]
        return lines

    def _action_line(self, pending: Pending) -> Cell:
        waited = self._connection.clock.now() - pending.since
        return (
            (f"{action_label(pending)} ", "warn"),
            (pending.target, "text"),
            (f"  no answer for {duration(waited.total_seconds() * 1000)}", "dim"),
        )

    def action_agree(self) -> None:
        """Leave at once: what has no answer yet is logged as unknown."""
        self.answer(True)

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        self.answer(True if event.answer == "yes" else None)
