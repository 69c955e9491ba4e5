"""Reading and writing files: a file is read whole or not at all, with the reason in words, and is
written so that no program ever sees half of it. Every problem of a file (a folder, a pipe,
unreadable, not UTF-8, not JSON, far too large, a full disk) raises the same error. Files of
trigdash are readable by their owner only. This module is imported before the first frame: standard
library only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700

_DESCRIPTORS = ("/dev/fd/", "/dev/stdin")
"""Files that are open already, as shells name them: `TRIGDASH_CONFIG=<(…)`."""


class FileTrouble(Exception):
    """Why a file cannot be read or written: "it is a folder", "no space left on device"."""


class DamagedFile(FileTrouble):
    """The file can be read, and what is in it makes no sense."""


# Reading


def read_text(path: Path, most_bytes: int) -> str | None:
    """The text of a file; None where there is none. Raises FileTrouble."""
    body = read_bytes(path, most_bytes)
    if body is None:
        return None
    try:
        # Some editors begin a file with a mark.
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DamagedFile("it is not UTF-8") from None


def read_json(path: Path, most_bytes: int) -> Any:
    """The JSON value of a file; None where there is none. Raises FileTrouble."""
    text = read_text(path, most_bytes)
    if text is None:
        return None
    import json  # only who has such a file waits for it

    try:
        return json.loads(text)
    except RecursionError:
        raise DamagedFile("it nests too deeply") from None
    except ValueError:
        raise DamagedFile("it is not JSON") from None


def read_bytes(path: Path, most_bytes: int) -> bytes | None:
    """The content of a file; None without the file. Raises FileTrouble, also if it is not a regular
    file, since reading a pipe may block forever. A file descriptor that a shell passes may be a
    pipe."""
    is_handed_over = str(path).startswith(_DESCRIPTORS)
    with in_words():
        try:
            with open(path, "rb", opener=None if is_handed_over else _without_waiting) as file:
                if not is_handed_over:
                    _check_kind(os.fstat(file.fileno()).st_mode)
                body = file.read(most_bytes + 1)
        except FileNotFoundError:
            return None
    if len(body) > most_bytes:
        raise FileTrouble(f"it is larger than {most_bytes / 1_000_000:g} MB")
    return body


def read_end(path: Path, size: int) -> bytes:
    """The last bytes of a plain file, `size` at most. Raises FileTrouble."""
    with in_words(), open(path, "rb", opener=_without_waiting) as file:
        told = os.fstat(file.fileno())
        _check_kind(told.st_mode)
        file.seek(-min(size, told.st_size), os.SEEK_END)
        return file.read(size)


# Writing


def write_private(path: Path, text: str) -> None:
    """Replace a file of ours, or make it, with the folders that it lies in. Raises FileTrouble."""
    with in_words():
        make_private_folder(path.parent)
        # A link stays, and what it leads to is replaced: a plain file, and never a device.
        target = Path(os.path.realpath(path))
        if target.exists():
            _check_kind(target.stat().st_mode)
        with _unseen(target) as young:
            young.write(text)


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """A file that must not exist yet, readable by its owner only. If writing fails, it is removed
    again. Raises FileTrouble."""
    with in_words():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        try:
            with _unseen(path) as young:
                yield young
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise


@contextmanager
def _unseen(target: Path) -> Iterator[TextIO]:
    """A file that takes the place of another when all is written, and else never was."""
    # Beside its target, so that the rename stays on one disk.
    import tempfile

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".trigdash-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def set_aside(path: Path) -> None:
    """Keep a damaged file beside its place under another name, before a whole one takes it. Raises
    FileTrouble."""
    with in_words():
        path.replace(path.with_name(f"{path.name}.damaged"))


def append_line(path: Path, line: str) -> None:
    """Add a line to a file of ours, or begin one. A half line that a full disk or the end of a
    program left is ended first, and none is left here. Raises FileTrouble."""
    with in_words():
        make_private_folder(path.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags, PRIVATE_FILE)
        try:
            _check_kind(os.fstat(descriptor).st_mode)
            _append(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)


def _append(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and _last_byte(descriptor, size) != b"\n":
        line = b"\n" + line
    written = 0
    try:
        while written < len(line):
            written += os.write(descriptor, line[written:])
    except OSError:
        if written and os.fstat(descriptor).st_size == size + written:
            os.ftruncate(descriptor, size)
        raise


def _last_byte(descriptor: int, size: int) -> bytes:
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1)


def make_private_folder(folder: Path) -> None:
    """Make a folder of ours with those above it that are missing, for its owner's eyes only. One
    that others may look into is closed to them. Raises OSError."""
    missing = []
    above = folder
    while not above.exists():
        missing.append(above)
        above = above.parent
    for each in reversed(missing):
        each.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    if not missing and os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        with suppress(OSError):  # another user's
            folder.chmod(PRIVATE_FOLDER)


# In common


def _without_waiting(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_kind(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise FileTrouble("it is a folder" if stat.S_ISDIR(mode) else "it is no plain file")


@contextmanager
def in_words() -> Iterator[None]:
    """Trouble of the system as FileTrouble."""
    try:
        yield
    except IsADirectoryError:
        raise FileTrouble("it is a folder") from None
    except NotADirectoryError:
        raise FileTrouble("a part of its path is no folder") from None
    except OSError as error:
        raise FileTrouble((error.strerror or type(error).__name__).lower()) from None
    except UnicodeError:
        raise FileTrouble("a character cannot be written") from None
