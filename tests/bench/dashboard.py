"""The dashboard as the user runs it, but holding many runs: `python -m tests.bench.dashboard RUNS`.

It pages on, as somebody who scrolls down and down, until so many runs are held, and then says
`held` in its title. Polls are a second apart instead of two.
"""

import gc
import os
import sys

from textual.timer import Timer
from typing_extensions import override

from trigdash.clock import SystemClock
from trigdash.commands.dashboard import opener
from trigdash.config.resolve import Flags, load_settings
from trigdash.model.run_filter import RunFilter
from trigdash.service.runs import query as runs
from trigdash.service.runs.query import RunsQuery
from trigdash.ui.app import TrigdashApp

POLL_S = 1.0
runs.INTERVAL_S = POLL_S


class FullDashboard(TrigdashApp):
    """Loads older runs until enough are held."""

    def __init__(self, count: int) -> None:
        settings = load_settings(Flags(), os.environ)
        super().__init__(opener(lambda: settings, SystemClock()), settings.ui())
        self._count = count
        self._loading: Timer | None = None

    @override
    def on_ready(self) -> None:
        # Textual calls the handlers of all classes, so the base class's is not called from here.
        self._loading = self.set_interval(0.01, self._load_more)

    def _load_more(self) -> None:
        connection = self.session.connection
        query = RunsQuery(RunFilter())
        if connection is None or (held := connection.snapshot(query).data) is None:
            return
        if len(held) < self._count:
            connection.older(query)
        elif self._loading is not None and self._driver is not None:
            self._loading.stop()
            # The title of the terminal's window: nothing on screen is touched.
            self._driver.write("\x1b]0;held\x07")


if __name__ == "__main__":
    # As `trigdash.commands.dashboard.run_dashboard` begins; the opener turns it on again.
    gc.disable()
    FullDashboard(int(sys.argv[1])).run()
