"""Log lines of finished runs, kept on disk so that a second search is instant. Each run is a file
that only its owner can read. Files beyond a bound are dropped, least recently used first. If the
folder cannot be written, nothing is kept and no error shown.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from trigdash.config.files import FileTrouble, read_json, write_private
from trigdash.model.json_text import json_ascii

MAX_BYTES = 64_000_000
"""Bound of all files of a cache together."""
MAX_FILE_BYTES = 4_000_000
"""Bound of one run's lines; longer logs are read again each time."""
CHECK_EVERY = 100
"""How many files are written between checks of the bound."""

Records = Sequence[dict[str, Any]]


class EventCache:
    """Log lines by the ids of finished runs; without a folder (None) nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._written = 0

    def get(self, run_id: str) -> Records | None:
        """The lines of a run; None if they are not cached."""
        if self._folder is None:
            return None
        path = self._folder / f"{run_id}.json"
        try:
            found = read_json(path, MAX_FILE_BYTES)
        except FileTrouble:
            return None
        if not isinstance(found, list):
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def put(self, run_id: str, records: Records) -> None:
        """Keep the lines of a run that has ended."""
        text = json_ascii(list(records))
        if self._folder is None or len(text) > MAX_FILE_BYTES:
            return
        try:
            write_private(self._folder / f"{run_id}.json", text)
        except FileTrouble:
            self._folder = None
            return
        self._written += 1
        if self._written % CHECK_EVERY == 0:
            self.shrink()

    def shrink(self, most_bytes: int = MAX_BYTES) -> None:
        """Drop the least recently used files until the rest is within the bound."""
        if self._folder is None:
            return
        with suppress(OSError):
            files = [(path.stat(), path) for path in self._folder.glob("*.json")]
            total = sum(found.st_size for found, _ in files)
            for found, path in sorted(files, key=lambda each: each[0].st_mtime):
                if total <= most_bytes:
                    return
                path.unlink()
                total -= found.st_size


def clear(folder: Path) -> int:
    """Drop a whole cache; returns how many files it had. Raises OSError."""
    count = sum(1 for _ in folder.rglob("*.json"))
    if folder.exists():
        shutil.rmtree(folder)
    return count
