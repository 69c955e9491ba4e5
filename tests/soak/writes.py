"""Whether what the server received is what was confirmed: its log of writes against ours."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Entry = Mapping[str, Any]
"""A line of the action log."""
Write = Mapping[str, Any]
"""A write that the server received."""

SENT_ONCE = ("/replay", "/reschedule", "/trigger", "/bulk-actions", "/retry", "/restart")
"""Ends of paths of writes that do harm when they are sent again."""
TRIES = 4
"""How often a write that does no harm is sent at most, for one confirmation."""


def read_entries(path: Path) -> list[Entry]:
    """The action log, the oldest first."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def difference(writes: Iterable[Write], entries: Iterable[Entry]) -> list[str]:
    """Sentences on what differs: received and never confirmed, received too often, said to be done
    and never received."""
    confirmed = list(entries)
    received = list(writes)
    found = []
    for (method, path, body), times in Counter(map(_request, received)).items():
        owners = [each for each in confirmed if _mentions(each, path + body)]
        tries = 1 if path.endswith(SENT_ONCE) else TRIES
        if times > tries * len(owners):
            found.append(f"{method} {path} {body[:200]}: confirmed {len(owners)}×, got {times}×")
    acted = ["".join(_request(write)[1:]) for write in received if write["acted"]]
    found += [
        f"{entry['action']} {entry['target']}: said to be done, never received"
        for entry in confirmed
        if entry["result"] == "done" and not any(_mentions(entry, text) for text in acted)
    ]
    return found


def _request(write: Write) -> tuple[str, str, str]:
    return write["method"], unquote(write["path"]), write["body"]


def _mentions(entry: Entry, text: str) -> bool:
    names = [entry["target"], entry["target"].rpartition("/")[2], *entry.get("run_ids", ())]
    return any(name in text for name in names if name)
