"""What people choose on screen, kept for the next start: columns, sort, saved views, history.

One small JSON file, `{"profiles": {NAME: {KEY: value}}}`. It is read and written as a whole, by a
rename, so that a crash or a second dashboard never leaves half of it. A file that cannot be read
counts as empty, and one that cannot be written is not worth stopping for: `keep` says so.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_BYTES = 1_000_000
"""A larger file is not ours: choices and a few hundred lines of history need a tenth."""


class State:
    """The kept choices of one profile. What cannot be written, or with `path` None, is known until
    the program ends."""

    def __init__(self, path: Path | None, profile: str | None) -> None:
        self._path = path
        self._profile = profile or ""
        self._unwritten: dict[str, Any] = {}
        """Choices that are in no file; None for what was forgotten."""

    def get(self, key: str, default: Any = None) -> Any:
        """What was kept under a key, as JSON values; whoever asks checks that it fits."""
        kept = self._unwritten.get(key) if key in self._unwritten else self._kept(key)
        return default if kept is None else kept

    def _kept(self, key: str) -> Any:
        return self._read().get(self._profile, {}).get(key)

    def keep(self, key: str, value: Any) -> bool:
        """Keep a JSON value under a key; None forgets it. False when it cannot be written, and is
        known until the program ends."""
        self._unwritten[key] = value
        if self._path is None:
            return False
        profiles = self._read()
        mine = profiles.setdefault(self._profile, {})
        if value is None:
            mine.pop(key, None)
        else:
            mine[key] = value
        try:
            self._write({"profiles": profiles})
        except OSError:
            return False
        del self._unwritten[key]
        return True

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            if self._path is None or self._path.stat().st_size > MAX_BYTES:
                return {}
            import json  # only who has such a file waits for it

            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        profiles = data.get("profiles") if isinstance(data, dict) else None
        if not isinstance(profiles, dict):
            return {}
        return {name: kept for name, kept in profiles.items() if isinstance(kept, dict)}

    def _write(self, data: dict[str, Any]) -> None:
        import json

        assert self._path is not None, "checked by keep()"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Made with mode 0600, beside its target so that the rename stays on one disk.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".state-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(data, file, indent=1)
            Path(name).replace(self._path)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise
