"""What people choose on screen, kept for the next start: columns, sort, saved views, history.

One small JSON file, `{"profiles": {NAME: {KEY: value}}}`, read and written as a whole. A choice
holds until the program ends, even if the file cannot be written; `keep` reports that. A damaged
file is kept under another name.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trigdash.config.file_lock import claimed
from trigdash.config.files import (
    DamagedFile,
    FileTrouble,
    in_words,
    make_private_folder,
    read_json,
    set_aside,
    write_private,
)

MAX_BYTES = 1_000_000
"""A larger file is not ours: choices and a few hundred lines of history need a tenth."""

_Profiles = dict[str, dict[str, Any]]


class StateFile:
    """The kept choices of one profile. What cannot be written, or with `path` None, is known until
    the program ends."""

    def __init__(self, path: Path | None, profile: str | None) -> None:
        self._path = path
        self._profile = profile or ""
        self._unwritten: dict[str, Any] = {}
        """Choices that are in no file; None for what was forgotten."""

    def get(self, key: str, default: Any = None) -> Any:
        """The choice under a key, as JSON values; the caller checks that it fits."""
        if key in self._unwritten:
            chosen = self._unwritten[key]
        else:
            chosen = self._kept().get(self._profile, {}).get(key)
        return default if chosen is None else chosen

    def save(self, key: str, value: Any) -> bool:
        """Keep a JSON value under a key; None forgets it. False when it cannot be written, and is
        known until the program ends."""
        self._unwritten[key] = value
        if self._path is None:
            return False
        try:
            self._write(self._path, key, value)
        except (FileTrouble, RecursionError):
            return False
        del self._unwritten[key]
        return True

    def _kept(self) -> _Profiles:
        """What the file says; nothing where it cannot be read."""
        try:
            return {} if self._path is None else _profiles(_read(self._path))
        except FileTrouble:
            return {}

    def _write(self, path: Path, key: str, value: Any) -> None:
        with in_words():
            make_private_folder(path.parent)
        with claimed(path.parent):
            self._write_claimed(path, key, value)

    def _write_claimed(self, path: Path, key: str, value: Any) -> None:
        import json  # only who chooses something waits for it

        try:
            data = _read(path)
        except DamagedFile:
            set_aside(path)
            data = {"profiles": {}}
        mine = _profiles(data).get(self._profile, {})
        mine.pop(key, None)
        if value is not None:
            mine[key] = value
        data["profiles"][self._profile] = mine
        write_private(path, json.dumps(data, indent=1))


def _read(path: Path) -> dict[str, Any]:
    """All that the file holds, what a newer version keeps among it. Raises FileTrouble."""
    data = read_json(path, MAX_BYTES)
    if data is None:
        return {"profiles": {}}
    if not isinstance(data, dict) or not isinstance(data.get("profiles"), dict):
        raise DamagedFile("it holds no profiles")
    return data


def _profiles(data: dict[str, Any]) -> _Profiles:
    return {name: kept for name, kept in data["profiles"].items() if isinstance(kept, dict)}
