"""Texts that leave the dashboard: for the clipboard, or for the user's editor. No more is reported
than is known.

A terminal is sent a text by an escape sequence (OSC 52) and never says what it did with it. tmux
drops what programs send so by default, but its own command takes a text and says whether it did.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from textual.app import App

from trigdash.config.child_environment import without_secrets
from trigdash.config.files import write_private

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from trigdash.service.session import Session

LARGE_BYTES: Final = 75_000
"""Texts above this are dropped or cut by several terminals: 100,000 bytes as they are sent."""

TMUX_WAIT_S: Final = 3.0


async def send_to_tmux(text: str) -> bool:
    """Put a text into tmux's buffer, from where tmux passes it to the terminal if allowed
    (`set-clipboard`). Returns whether the buffer has it."""
    # Versions before 3.2 cannot pass it on.
    return await _load_buffer(text, "-w") or await _load_buffer(text)


async def _load_buffer(text: str, *options: str) -> bool:
    command = ("tmux", "load-buffer", *options, "-")
    try:
        tmux = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=without_secrets(os.environ),
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


NAMED_BY = ("VISUAL", "EDITOR", "PAGER")
USUAL = ("less", "vi")
"""Where no variable names a program."""


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The command of the first configured program that exists; empty without one."""
    for named in (*(environ.get(name, "") for name in NAMED_BY), *USUAL):
        try:
            words = shlex.split(named)
        except ValueError:  # an open quote
            continue
        if words and shutil.which(words[0]):
            return words
    return []


@runtime_checkable
class LendsTerminal(Protocol):
    """A driver whose terminal another program can have for a while."""

    def lend(self) -> AbstractContextManager[None]:
        """Give the terminal away while the block lasts."""


class OpensEditor(App[int]):
    """An app from which texts are opened in another program."""

    session: Session

    def toast(self, words: str, severity: SeverityLevel = "information") -> None:
        """A short word in passing."""
        raise NotImplementedError

    def open_in_editor(self, name: str, text: str) -> None:
        """Show a text in the user's editor until it is left. The file is a copy that only the
        user may read; it is taken away, and what was changed in it changes nothing."""
        from trigdash.ui.dialogs.leave import is_busy

        command, driver = editor_command(os.environ), cast("object", self._driver)
        if not command:
            self.toast(f"no editor here: set {' or '.join(NAMED_BY[1:])}", "warning")
        elif not isinstance(driver, LendsTerminal):
            self.toast("there is no terminal here to open an editor in", "warning")
        elif is_busy(self.session.connection):
            # Until the editor is left nothing is sent and no answer is read.
            self.toast("something is under way: open the editor when it is done", "warning")
        else:
            with driver.lend(), _deaf_to_ctrl_c():
                code = _show(command, name, text)
            self.app_resume_signal.publish(self)
            if code:
                self.toast(f"{command[0]} ended with {code}", "warning")


def _show(command: list[str], name: str, text: str) -> int:
    """Run a program on a file with this text, on the terminal that the dashboard draws on."""
    with tempfile.TemporaryDirectory(prefix="trigdash-") as folder:
        path = Path(folder, name)
        write_private(path, text)
        return subprocess.run(
            [*command, str(path)],
            stdin=sys.__stdin__,
            stdout=sys.__stderr__,
            env=without_secrets(os.environ),
            check=False,
        ).returncode


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """While another program has the terminal, a ctrl+c typed there is not meant for this one."""
    waker = signal.set_wakeup_fd(-1)
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.set_wakeup_fd(waker)
