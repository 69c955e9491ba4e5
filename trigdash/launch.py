"""Opens the dashboard: gives the screens a way to a connection, and keeps the slow imports away
from the first frame."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from trigdash.clock import Clock, SystemClock

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.config import OpenConnection, UiSettings
    from trigdash.service.connection import Connection
    from trigdash.settings import Settings


def opener(find_settings: Callable[[], Settings], clock: Clock) -> OpenConnection:
    """The callable that screens open environments with, see `trigdash.config`. `find_settings`
    may block: it runs in the thread that imports the client and looks the secret up."""

    async def open_connection(profile: str | None, environment: str | None) -> Connection:
        from trigdash.service.connection import Connection

        def open_backend() -> Backend:
            from trigdash import backends

            target = find_settings().target(profile, environment)
            return backends.open_backend(target, clock)

        try:
            return Connection(await asyncio.to_thread(open_backend), clock)
        finally:
            _collect_again()

    return open_connection


def run_dashboard(
    find_settings: Callable[[], Settings], ui_settings: UiSettings, clock: Clock | None = None
) -> int:
    """Show the dashboard until it is left; the exit code."""
    if not ui_settings.color:
        # Read by Textual when it is imported.
        os.environ["NO_COLOR"] = "1"
    # Imports make many objects and no garbage: without collecting, 8 ms less until the first frame.
    gc.disable()
    from trigdash.ui.app import TrigdashApp

    clock = clock or SystemClock()
    app = TrigdashApp(opener(find_settings, clock), ui_settings)
    app.run()
    return app.return_code or 0


def _collect_again() -> None:
    """All is imported: what is here now stays, and need not be looked at by any collection."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()
