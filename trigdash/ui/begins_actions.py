"""What screens call to begin an action: nothing is asked where nothing may be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from textual.app import App

if TYPE_CHECKING:
    from trigdash.model.queue import Queue
    from trigdash.model.run_filter import RunFilter
    from trigdash.model.run_row import RunRow
    from trigdash.presentation.action import ActionSpec
    from trigdash.presentation.resource import Resource
    from trigdash.service.session import Session
    from trigdash.ui.app import TrigdashApp
    from trigdash.ui.writing.writer import Writer


class BeginsActions(App[int]):
    """An app that can write."""

    session: Session
    writer: Writer | None = None
    """Asks and acts; made when first wanted."""

    @property
    def _whole_app(self) -> TrigdashApp:
        return cast("TrigdashApp", self)

    def write(self, verb: str, runs: Sequence[RunRow]) -> None:
        """Begin an action on runs."""
        writer = self._writer_for(verb)
        if writer is not None and runs:
            writer.begin(verb, runs)

    def write_restart(
        self, run: RunRow, step: str, kept: Sequence[str], again: Sequence[str]
    ) -> None:
        """Begin to restart a run from one of its steps."""
        writer = self._writer_for("restart")
        if writer is not None:
            writer.begin_restart(run, step, kept, again)

    def write_on_matching(self, narrowed: RunFilter, verb: str | None = None) -> None:
        """Begin an action on everything that a filter matches."""
        writer = self._writer_for(verb or "bulk")
        if writer is not None:
            writer.begin_on_matching(narrowed, verb)

    def write_on_batch(self, verb: str, narrowed: RunFilter, run: RunRow | None) -> None:
        """Begin an action in a batch: on the runs of a filter, or on one alone."""
        writer = self._writer_for(verb)
        if writer is not None:
            writer.begin_on_batch(verb, narrowed, run)

    def action_open_bulks(self) -> None:
        """Show the bulk under way, or one that was interrupted."""
        writer = self._writer_for("bulk")
        if writer is not None:
            writer.open_bulks()

    def write_on_queue(self, verb: str, queue: Queue) -> None:
        """Begin an action on a queue."""
        writer = self._writer_for(verb)
        if writer is not None:
            writer.begin_on_queue(verb, queue)

    def start_action(self, action: ActionSpec[Any], resource: Resource[Any], row: Any) -> None:
        """Begin an action of a resource, on a row or on the list."""
        writer = self._writer_for(action.name)
        if writer is not None:
            writer.begin_on_resource(action, resource, row)

    def _writer_for(self, verb: str) -> Writer | None:
        """Who asks and acts; None when nothing may be written, which is then said."""
        if self.session.read_only:
            self._whole_app.say(f"read-only: nothing is written, so no {verb}")
            return None
        from trigdash.ui.writing.writer import Writer  # dialogs are loaded when first wanted

        self.writer = self.writer or Writer(self._whole_app)
        return self.writer

    async def action_open_result(self) -> None:
        """Open what the last action made, or look for it."""
        if self.writer is None:
            self._whole_app.say("no action has made anything yet")
        else:
            await self.writer.open_result()
