"""Links that leave the program for a browser, which must not draw over the terminal."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from threading import Thread
from typing import Final

from trigdash.config.child_environment import without_secrets

TEXT_BROWSERS: Final = frozenset(
    {"w3m", "lynx", "links", "links2", "elinks", "www-browser", "browsh", "carbonyl", "edbrowse"}
)
"""Browsers that would draw over the dashboard."""

BROWSER_WAIT_S: Final = 3.0
"""A browser that was not found says so sooner; one that runs may say nothing until it is closed."""

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


async def open_in_browser(link: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Open a link in a graphical browser, using the standard library in a separate process; returns
    False without such a browser."""
    ended = _in_thread(partial(_open, link, without_secrets(without_text_browsers(environ))))
    try:
        return await asyncio.wait_for(ended, BROWSER_WAIT_S)
    except TimeoutError:
        return True  # it is at work with the link


def _open(link: str, environ: Mapping[str, str]) -> bool:
    """Whether a browser took the link. Blocks until the program that hands it over has ended,
    which some browsers let it do only when they are closed."""
    nowhere = subprocess.DEVNULL
    try:
        opened = subprocess.run(
            [sys.executable, "-c", _OPEN, link],
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            env=environ,
            start_new_session=True,
            check=False,
        )
    except OSError:
        return False
    return opened.returncode == 0


def _in_thread(work: Callable[[], bool]) -> asyncio.Future[bool]:
    """The result of a blocking call. Its thread delays neither the end of the program nor a caller
    that no longer waits."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def tell(result: bool) -> None:
        if not done.done():
            done.set_result(result)

    def run() -> None:
        result = work()
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, result)

    Thread(target=run, name="browser", daemon=True).start()
    return done


def without_text_browsers(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment in which no browser is found that runs in a terminal: the standard library
    looks for one only where there is a `TERM`, and `BROWSER` may name one."""
    found = {name: value for name, value in environ.items() if name not in ("TERM", "BROWSER")}
    named = environ.get("BROWSER", "").split(os.pathsep)
    graphical = [command for command in named if command and not _is_text_browser(command)]
    return found | ({"BROWSER": os.pathsep.join(graphical)} if graphical else {})


def _is_text_browser(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return True  # not a command that could be started
    return not words or PurePath(words[0]).name.lower() in TEXT_BROWSERS
