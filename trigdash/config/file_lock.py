"""An exclusive lock on a file or a folder, across programs. The system releases it when its holder
ends in any way, so no lock is left over. This module is imported before the first frame: standard
library only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep

PATIENCE_S = 0.2
"""How long to wait for a program that reads and writes a small file: a hundred times the usual."""


class FileLock:
    """A claim that is held."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path) -> FileLock | None:
        """Lock an existing file; None when it is locked already. Raises OSError without the
        file."""
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
    """Whether a file is locked now."""
    lock = FileLock.acquire(path)
    if lock is not None:
        lock.release()
    return lock is None


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Lock a folder while a file in it is read and rewritten, so that of two programs the later one
    adds to what the earlier one wrote. After PATIENCE_S the lock is ignored, since its holder must
    be suspended. It is also ignored where the system cannot lock a folder."""
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

        # A byte far behind the text, which stays readable, since Windows makes locked bytes
        # unreadable.
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
