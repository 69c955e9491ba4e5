"""An exclusive claim on a file or a folder: who holds it works on it, in this program or another.

The system lets go of it when its holder ends, however that happens, so a claim is never left over.
This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

PATIENCE_S = 0.2
"""How long somebody who reads and writes a small file is waited for: a hundred times its usual."""


class FileLock:
    """A claim that is held."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path) -> FileLock | None:
        """Claim a file that exists; None when somebody else holds it. OSError without the file."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))
        if _lock(descriptor):
            return cls(descriptor)
        os.close(descriptor)
        return None

    def release(self) -> None:
        """Let others have it; once is enough."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(path: Path) -> bool:
    """Whether somebody works on a file now."""
    lock = FileLock.acquire(path)
    if lock is not None:
        lock.release()
    return lock is None


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a folder while a file in it is read and rewritten, so that of two programs the later
    one adds to what the earlier one wrote. Whoever holds it for longer than PATIENCE_S was stopped,
    and nobody waits for it; so it is where the system cannot claim a folder."""
    descriptor: int | None = None
    if os.name == "posix":
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
    try:
        left_s = PATIENCE_S
        while descriptor is not None and not _lock(descriptor) and left_s > 0:
            sleep(0.002)
            left_s -= 0.002
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file that was opened; where the disk knows no locks nothing can be claimed, and
    everybody may work on it."""
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the text, which stays readable: Windows locks what it is told to.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True
