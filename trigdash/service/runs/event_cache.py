"""Log lines of finished runs kept on disk, so that a second search through them is instant.

Each run is a file for its owner's eyes only. Files beyond a bound are dropped, the longest unused
first. A folder that cannot be written keeps nothing, silently.
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
"""Of all files of a cache."""
MAX_FILE_BYTES = 4_000_000
"""Of one run's lines; longer logs are read again each time."""
CHECK_EVERY = 100
"""Files after whose writing the bound is looked at."""

Records = Sequence[dict[str, Any]]


class EventCache:
    """Lines of logs by the ids of finished runs; None as a folder keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._written = 0

    def get(self, run_id: str) -> Records | None:
        """The lines of a run; None when they are not kept."""
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
        """Drop the files that were unused for longest until the rest is within the bound."""
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
    """Drop a whole cache; how many files it had. Raises OSError."""
    count = sum(1 for _ in folder.rglob("*.json"))
    if folder.exists():
        shutil.rmtree(folder)
    return count
