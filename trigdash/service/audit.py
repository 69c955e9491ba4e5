"""The audit log: every action that was sent, one line of JSON each, append-only.

It says when, through which profile, in which environment, what, to what, and how it ended; of a
bulk also how its runs were chosen and which they were. It holds no payloads, no metadata, no keys.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from trigdash.model.json_text import json_spaced
from trigdash.service.outcome import Outcome

MAX_BYTES = 4_000_000
"""About 20,000 actions, or bulks over 140,000 runs; then the file is put aside as `.1`, and the one
before that is let go."""

MAX_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action in the log."""

    at: datetime
    profile: str
    environment: str
    action: str
    target: str
    result: str
    """done, refused or unknown."""
    sentence: str = ""
    new_id: str | None = None
    chosen_by: str = ""
    """Of a bulk: what its runs were chosen by, in words."""
    filter: str = ""
    """Of a bulk whose runs the server found by itself: the filter line."""
    run_ids: tuple[str, ...] = ()
    """Of a bulk by ids."""


class AuditLog:
    """Appends to one file. Trouble with the disk is kept in `problem` and stops no action."""

    def __init__(self, path: Path, profile: str = "") -> None:
        self.path = path
        self.problem = ""
        """Why the last entry could not be written, in words; empty when it was."""
        self._profile = profile

    def write(self, outcome: Outcome, environment: str) -> None:
        """Append one action."""
        entry = {
            "at": outcome.at.isoformat(timespec="milliseconds"),
            "profile": self._profile,
            "environment": environment,
            "action": outcome.verb,
            "target": outcome.target,
            "result": outcome.result.value,
            "sentence": outcome.sentence[:MAX_SENTENCE],
            "new_id": outcome.new_id,
            **outcome.details,
        }
        try:
            self._append(json_spaced(entry) + "\n")
        except OSError as error:
            self.problem = f"the action log cannot be written ({error.strerror})"
        else:
            self.problem = ""

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > MAX_BYTES:
            self.path.replace(aside(self.path))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line)


def read_audit(path: Path, limit: int = 500) -> list[AuditEntry]:
    """The latest entries, the newest first; lines that cannot be read are left out."""
    entries: list[AuditEntry] = []
    for file in (path, aside(path)):
        if len(entries) >= limit or not file.exists():
            continue
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        found = (entry for line in reversed(lines) if (entry := _entry(line)) is not None)
        entries += islice(found, limit - len(entries))
    return entries


def stamp_of(path: Path) -> tuple[int, int] | None:
    """What changes when a log is written to; None while there is none."""
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size


def aside(path: Path) -> Path:
    """Where a full log is put."""
    return path.with_name(path.name + ".1")


_WORDS = (
    *("profile", "environment", "action", "target", "result", "sentence"),
    *("chosen_by", "filter"),
)


def _entry(line: str) -> AuditEntry | None:
    try:
        raw = json.loads(line)
        at = datetime.fromisoformat(raw["at"])
        words = {name: str(raw.get(name) or "") for name in _WORDS}
        new_id, ids = raw.get("new_id"), raw.get("run_ids")
        run_ids = tuple(map(str, ids)) if isinstance(ids, list) else ()
        return AuditEntry(at=at, **words, new_id=str(new_id) if new_id else None, run_ids=run_ids)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
