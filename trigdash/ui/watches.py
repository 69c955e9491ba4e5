"""Watches of the dashboard: put on rows with a key, counted in the bar, announced at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from trigdash.ui.telling import TellsOutside

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from trigdash.service.connection import Connection
    from trigdash.service.watches import Watched, WatchEnd

END_S = 30.0
"""How long the end of a watch stays on screen: it is what the user waited for."""

NOTHING = "runs, queues and batches can be watched: choose one"


@runtime_checkable
class Announces(Protocol):
    """A driver of a terminal that passes notifications on to its system."""

    def announce(self, words: str) -> None:
        """Ask for a notification with these words."""


def condition_problem(watched: Watched | None) -> str | None:
    """What is wrong with watching something until a condition, in words; None where nothing is."""
    if watched is None:
        return NOTHING
    from trigdash.service.watches import check_condition

    try:
        check_condition(watched)
    except ValueError as mistake:
        return str(mistake)
    return None


class KeepsWatches(TellsOutside):
    """An app that waits for the end of things beside its screens."""

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
