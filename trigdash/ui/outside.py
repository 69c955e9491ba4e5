"""Texts that leave the dashboard for the clipboard. No more is reported than is known.

A terminal is sent a text by an escape sequence (OSC 52) and never says what it did with it. tmux
drops what programs send so by default, but its own command takes a text and says whether it did.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import Final

from trigdash.config.child_environment import without_secrets

LARGE_BYTES: Final = 75_000
"""Texts above this are dropped or cut by several terminals: 100,000 bytes as they are sent."""

TMUX_WAIT_S: Final = 3.0


async def send_to_tmux(text: str) -> bool:
    """Put a text into tmux's own buffer, from where tmux passes it on to the terminal as far as it
    may (`set-clipboard`); whether the buffer holds it now."""
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
