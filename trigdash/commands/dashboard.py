"""Opens the dashboard: gives the screens a way to a connection, and keeps the slow imports away
from the first frame."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from trigdash.clock import Clock, SystemClock
from trigdash.config.collector import collect_again
from trigdash.config.terminal import lacks_marks

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.target import Target
    from trigdash.config.options import Destination, OpenConnection, UiSettings
    from trigdash.config.resolve import Settings
    from trigdash.service.connection import Connection
    from trigdash.ui.app import TrigdashApp

T = TypeVar("T")

COLLECTING = (5_000, 4, 80)
"""Thresholds of the garbage collector. A poll makes and drops a few thousand objects, so with
Python's default of 700 each poll ran three collections, each over the new tuple of all rows: with
100,000 rows that was a sixth of all the work of a live dashboard. With a threshold of 20,000 one
collection delayed keys by up to 57 ms, and every tenth one by 108 ms; with the present one it is 11
and 26 ms, at the same total. Full collections are as rare as before: each takes a fifth of a
second."""


def opener(find_settings: Callable[[], Settings], clock: Clock) -> OpenConnection:
    """The callable that screens open environments with, see `trigdash.config.options`.
    `find_settings` may block: it runs in the thread that imports the client and looks the secret
    up."""

    async def open_connection(where: Destination) -> Connection:
        from trigdash.commands.environment import log_folder
        from trigdash.service.actions.outcome import AuditLog
        from trigdash.service.batches import KnownBatches
        from trigdash.service.connection import Connection

        def open_backend() -> tuple[Backend, Settings, Target]:
            from trigdash import backends

            settings = find_settings()
            target = settings.target(where)
            return backends.open_backend(target, clock), settings, target

        try:
            backend, settings, target = await _in_thread(open_backend)
        finally:
            collect_again(*COLLECTING)
        folder = settings.state_file.parent if settings.state_file else None
        name = where.profile or settings.start_profile() or ""
        place = _environment_name(name, target)
        connection = Connection(
            backend,
            clock,
            read_only=target.read_only,
            audit=AuditLog(folder / "actions.jsonl", name) if folder else None,
            bulk_folder=folder / "bulks" / place if folder else None,
            known_batches=KnownBatches(path=folder / "batches" / place) if folder else None,
        )
        connection.environment = target.known_environment
        connection.log_folder = log_folder(folder, target.api_url)
        return connection

    return open_connection


def _environment_name(profile: str, target: Target) -> str:
    """The name of the files of one environment: an interrupted bulk action is resumed where it
    began, and neither it nor a typed batch is offered in any other environment."""
    from urllib.parse import urlsplit  # not needed for the first frame

    host = urlsplit(target.api_url).netloc
    parts = (host, target.project, profile, target.known_environment, target.branch)
    return "-".join(re.sub(r"[^A-Za-z0-9._]+", "_", part) for part in parts if part)


def run_dashboard(
    find_settings: Callable[[], Settings], ui_settings: UiSettings, clock: Clock | None = None
) -> int:
    """Show the dashboard until it is left; the exit code."""
    if not ui_settings.color:
        # Read by Textual when it is imported.
        os.environ["NO_COLOR"] = "1"
    # Imports make many objects and no garbage: without collecting, 8 ms less until the first frame.
    gc.disable()
    if lacks_marks(os.environ, sys.__stderr__):
        ui_settings = replace(ui_settings, ascii=True)
    from trigdash.ui.app import TrigdashApp

    clock = clock or SystemClock()
    app = TrigdashApp(opener(find_settings, clock), ui_settings)
    asyncio.run(_show(app))
    return app.return_code or 0


async def _show(app: TrigdashApp) -> None:
    """Run the app. A signal from outside ends it and leaves the terminal as it was."""
    loop = asyncio.get_running_loop()
    # Windows has no SIGHUP, and no signal handlers on its loop. A typed ctrl+c is a key, so SIGINT
    # comes from outside.
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, signal.SIGTERM)
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, _leave, app, 128 + number)
    await app.run_async()


def _leave(app: TrigdashApp, code: int) -> None:
    app.exit(return_code=code)


async def _in_thread(work: Callable[[], T]) -> T:
    """The result of something that blocks. Unlike those of `asyncio.to_thread`, the thread does
    not hold up the end of the program: a password manager may wait for a minute."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # no error: it is a result

    def run() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = (work(), None)
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            outcome = (None, error)
        # The loop may have been closed meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, *outcome)

    Thread(target=run, name="open", daemon=True).start()
    return await done
