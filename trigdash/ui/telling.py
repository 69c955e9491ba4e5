"""What the app tells whoever looks elsewhere: the terminal's title, and a bell on a rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.app import App

from trigdash.model.moment import local

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from trigdash.service.cache.store import Snapshot
    from trigdash.service.connection import Connection
    from trigdash.service.session import Session

YOUNG = timedelta(minutes=1)
"""A list that was read before is no news: the title says nothing of it."""


@runtime_checkable
class HasTitle(Protocol):
    """A driver of a terminal with a title."""

    def set_title(self, title: str) -> None:
        """Show these words as the terminal's title."""


class TellsOutside(App[int]):
    """An app that can be left in another window."""

    session: Session
    _told_title = ""

    def toast(self, words: str, severity: SeverityLevel = "information") -> None:
        """A short word in passing."""
        raise NotImplementedError

    # The title

    def show_title(self) -> None:
        """Say environment and failures in the terminal's title, where it has one."""
        from trigdash.presentation.outside import title

        words = title(self.session.environment_name, self._failures())
        driver: object = self._driver
        if words != self._told_title and isinstance(driver, HasTitle):
            self._told_title = words
            driver.set_title(words)

    def forget_title(self) -> None:
        """Say it again: another program had the terminal."""
        self._told_title = ""

    def _failures(self) -> int | None:
        """How many runs of the run list have failed, as far as it was read a moment ago."""
        connection = self.session.connection
        if connection is None:
            return None
        from trigdash.model.status import Kind, status
        from trigdash.service.runs.query import RunsQuery

        query = RunsQuery()
        age, data = connection.age(query), connection.snapshot(query).data
        if age is None or age > YOUNG or data is None:
            return None
        counts = data.counts().items()
        return sum(number for name, number in counts if status(name).kind is Kind.FAILED)

    # The rule

    def tell_by_rule(self, connection: Connection) -> None:
        """Ring and say so when a run comes to match the rule of the settings."""
        rule = self.session.settings.notify
        if not rule:
            return
        from trigdash.presentation.outside import told
        from trigdash.service.filters.language import FilterError, parse
        from trigdash.service.runs.newest import Newcomers, NewestRunsQuery

        try:
            now = local(self.session.clock.now())
            query = NewestRunsQuery(parse(rule, now, self.session.settings.supported_filters))
        except FilterError as error:
            self.toast(f"settings: notify: {error.words}", "warning")
            return
        newcomers = Newcomers()

        def see(snapshot: Snapshot[Any]) -> None:
            new = newcomers.of(snapshot.data) if snapshot.data is not None else ()
            if new and connection is self.session.connection:
                self.bell()
                self.toast(told(new), "warning")

        see(connection.watch(query, see))
