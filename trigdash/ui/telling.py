"""Notifications for users who look elsewhere: the terminal's title, a bell by a rule, and the end
of watches, which are set on rows with a key and counted in the bar."""

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
    from trigdash.service.watches import Watched, WatchEnd

YOUNG = timedelta(minutes=1)
"""A list that was read before is no news: the title says nothing of it."""


@runtime_checkable
class HasTitle(Protocol):
    """A driver of a terminal with a title."""

    def set_title(self, title: str) -> None:
        """Set the terminal's title."""


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
        """How many runs of the run list have failed, as of its last poll."""
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
        """Ring and notify when a run newly matches the rule of the settings."""
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


END_S = 30.0
"""How long the end of a watch stays on screen: it is what the user waited for."""

NOTHING = "runs, queues and batches can be watched: choose one"


@runtime_checkable
class Announces(Protocol):
    """A driver of a terminal that passes notifications on to its system."""

    def announce(self, words: str) -> None:
        """Request a notification with a text."""


def condition_problem(watched: Watched | None) -> str | None:
    """Why something cannot be watched until a condition, in words; None when it can."""
    if watched is None:
        return NOTHING
    from trigdash.service.watches import check_condition

    try:
        check_condition(watched)
    except ValueError as mistake:
        return str(mistake)
    return None


class KeepsWatches(TellsOutside):
    """An app with watches that run in the background."""

    def hear_watches(self, connection: Connection) -> None:
        """Tell of watches of a connection that end."""
        connection.watches.on_end = self._tell_end

    def toggle_watch(self, watched: Watched | None) -> None:
        """Watch something, or end its watch where there is one."""
        connection = self.session.connection
        if watched is None or connection is None:
            self.toast(NOTHING)
            return
        watches = connection.watches
        if watched in watches.running:
            watches.stop(watched)
            self.toast(f"not watched any more: {watched.words}")
            return
        if problem := condition_problem(watched):
            self.toast(problem, "warning")
        else:
            watches.begin(watched)
            self.toast(f"watching {watched.words}. Its end is told wherever you are")

    def _tell_end(self, end: WatchEnd) -> None:
        """Loudly, and once: a toast that stays, the bell, and the system's own notification."""
        words = f"{end.watched.label}: {end.words}"
        severity: SeverityLevel = "information" if end.is_good else "error"
        self.bell()
        self.notify(words, title="Watch over", severity=severity, timeout=END_S, markup=False)
        driver: object = self._driver
        if isinstance(driver, Announces):
            driver.announce(words)
