"""What leaves the dashboard for the user's other programs: links for a browser, texts for the
clipboard. Neither touches the screen, and no more is reported than is known.

A terminal is sent a text by an escape sequence (OSC 52) and never says what it did with it. tmux
drops what programs send so by default, but its own command takes a text and says whether it did.
"""

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

TEXT_BROWSERS: Final = frozenset(
    {"w3m", "lynx", "links", "links2", "elinks", "www-browser", "browsh", "carbonyl", "edbrowse"}
)
"""Browsers that would draw over the dashboard."""

LARGE_BYTES: Final = 75_000
"""Texts above this are dropped or cut by several terminals: 100,000 bytes as they are sent."""

BROWSER_WAIT_S: Final = 3.0
"""A browser that was not found says so sooner; one that runs may say nothing until it is closed."""
TMUX_WAIT_S: Final = 3.0

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


async def open_in_browser(link: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Hand a link to a browser with a window of its own, by way of the standard library in a
    program apart; False where there is none."""
    ended = _in_thread(partial(_open, link, without_text_browsers(environ)))
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
    """The result of something that blocks. The thread holds nothing up: not the end of the
    program, and not whoever waits no longer."""
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


async def send_to_tmux(text: str) -> bool:
    """Put a text into tmux's own buffer, from where tmux passes it on to the terminal as far as it
    may (`set-clipboard`); whether the buffer holds it now."""
    # Versions before 3.2 cannot pass it on.
    return await _load_buffer(text, "-w") or await _load_buffer(text)


async def _load_buffer(text: str, *options: str) -> bool:
    command = ("tmux", "load-buffer", *options, "-")
    try:
        tmux = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(tmux.communicate(text.encode()), TMUX_WAIT_S)
    except TimeoutError:
        tmux.kill()
    return await tmux.wait() == 0


def copied_words(what: str, size_bytes: int, *, in_tmux: bool, save_key: str = "") -> str:
    """What is known of a text that was sent on its way."""
    where = "tmux's buffer" if in_tmux else "the terminal's clipboard"
    if size_bytes <= LARGE_BYTES:
        return f"sent to {where}: {what}"
    megabytes, kilobytes = size_bytes / 1_000_000, size_bytes // 1_000
    size = f"{megabytes:.1f} MB" if megabytes >= 1 else f"{kilobytes} KB"
    who = "The terminal" if in_tmux else "Terminals"
    hint = f": {save_key} saves it to a file" if save_key else ""
    return f"sent to {where}: {what} ({size}). {who} may drop this much{hint}"
