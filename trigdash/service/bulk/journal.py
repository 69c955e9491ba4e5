"""A bulk's list on disk: what was planned, and what became of each run, so that an interrupted
bulk can be resumed and nothing is done or counted twice.

One file of JSON lines: the plan first, then an entry before and after each thing that is sent.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from trigdash.config.file_lock import FileLock, is_locked
from trigdash.config.files import DamagedFile, FileTrouble, append_line, read_end, read_text
from trigdash.model.json_text import parse_json
from trigdash.model.moment import in_utc
from trigdash.service.bulk.plan import VERBS, BulkPlan, WaveRules
from trigdash.service.bulk_record import BulkRecord, Chunk, ItemState
from trigdash.service.filters.description import format_filter
from trigdash.service.filters.language import parse

SUFFIX = ".bulk.jsonl"

MAX_BYTES = 64_000_000
"""Of a list; one of 5,000 runs, each with an entry before and after, takes two of them."""

ENDED_KEPT = 20
"""Lists of bulks that have ended are kept for who wants to read what was done, the latest ones."""

END: dict[str, object] = {"ended": True, "bulk": True}
"""The last entry of a list that needs no resuming."""


class InUseError(FileTrouble):
    """Somebody works on this list already: another trigdash, or this one."""


class BulkJournal:
    """Writes and remembers one bulk. Without a path it only remembers."""

    def __init__(self, record: BulkRecord, path: Path | None) -> None:
        self.record = record
        self.path = path
        self.problem = ""
        """Why the list cannot be kept, in words; the bulk goes on without."""
        self._claim: FileLock | None = None
        self._is_begun = False
        """Whether there is a list of ours on disk."""

    @classmethod
    def create(cls, plan: BulkPlan, now: datetime, path: Path | None) -> BulkJournal:
        """Start a list for a new bulk, and claim it."""
        journal = cls(BulkRecord(plan, now), path)
        journal._write(
            {
                "verb": plan.verb,
                "run_ids": plan.run_ids,
                "tags": plan.tags,
                "label": plan.label,
                "matching": format_filter(plan.matching) if plan.matching else "",
                "waves": _waves_entry(plan.waves),
                "started_at": now.isoformat(),
            }
        )
        if path is not None and not journal.problem:
            with suppress(OSError):  # taken away meanwhile
                journal._claim = FileLock.acquire(path)
        return journal

    @classmethod
    def resume(cls, path: Path) -> BulkJournal:
        """Claim a list and read it back. Raises InUseError when somebody works on it or it has
        ended meanwhile, FileTrouble when it cannot be read or is none."""
        try:
            lock = FileLock.acquire(path)
        except OSError as error:
            raise FileTrouble((error.strerror or "it cannot be opened").lower()) from None
        if lock is None:
            raise InUseError("another trigdash works on this list")
        try:
            journal = cls.load(path)
            if journal.record.ended:
                raise InUseError("this list has come to its end elsewhere")
        except BaseException:
            lock.release()
            raise
        journal._claim, journal._is_begun = lock, True
        return journal

    @classmethod
    def load(cls, path: Path) -> BulkJournal:
        """Read a list back. Raises FileTrouble when it cannot be read or is none."""
        text = read_text(path, MAX_BYTES)
        if text is None:
            raise FileTrouble("it is not there any more")
        first, *rest = text.split("\n")
        try:
            record = _record_of(parse_json(first))
            for line in rest:
                _add_entry(record, line)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DamagedFile("it is no list of a bulk") from None
        return cls(record, path)

    @property
    def can_be_resumed(self) -> bool:
        """Whether its list is on disk, as far as it must be."""
        return self.path is not None

    def append(self, run_ids: Iterable[str], state: ItemState, reason: str = "") -> None:
        """Runs have come to a state."""
        ids = list(run_ids)
        self.record.note(ids, state, reason)
        self._write({"ids": ids, "state": state.value, "reason": reason})

    def append_chunk(self, chunk: Chunk) -> None:
        """The server took a chunk, or told how far it is. Its ids are written once."""
        is_new = all(known.bulk_id != chunk.bulk_id for known in self.record.chunks)
        if is_new:
            self.record.chunks.append(chunk)
        self._write(
            {
                "bulk_id": chunk.bulk_id,
                "ids": chunk.run_ids if is_new else [],
                "success": chunk.success,
                "failure": chunk.failure,
                "ended": chunk.ended,
                "aborted": chunk.aborted,
                "lost": chunk.lost,
                "total": chunk.total,
            }
        )

    def finish(self) -> None:
        """Nothing is left to do: the list needs no resuming."""
        self.record.ended = True
        self._write(END)
        self.release()

    def release(self) -> None:
        """Let others work on the list."""
        if self._claim is not None:
            self._claim.release()

    def _write(self, entry: Mapping[str, object]) -> None:
        if self.path is None:
            return
        try:
            append_line(self.path, json.dumps(entry))
        except FileTrouble as trouble:
            self.problem = f"the list of this bulk cannot be kept: {trouble}"
            self._give_up(self.path)
        else:
            self._is_begun = True

    def _give_up(self, path: Path) -> None:
        """A list that misses what was sent must not be resumed: it would be sent again. Where that
        does no harm it stays."""
        if self._is_begun and self.record.plan.verb != "replay":
            return
        self.path = None
        if self._is_begun:
            with suppress(OSError):
                path.unlink()


# Reading back


def _record_of(head: Any) -> BulkRecord:
    """The plan of a list. ValueError, KeyError, TypeError or AttributeError when it is none."""
    started_at = in_utc(datetime.fromisoformat(head["started_at"]))
    line = _text(head.get("matching") or "")
    plan = BulkPlan(
        _text(head["verb"]),
        _texts(head["run_ids"]),
        _texts(head["tags"]),
        _text(head["label"]),
        parse(line, started_at) if line else None,
        _waves_of(head.get("waves")),
    )
    if plan.verb not in VERBS:
        raise ValueError(plan.verb)
    return BulkRecord(plan, started_at)


def _waves_entry(rules: WaveRules | None) -> list[float] | None:
    return None if rules is None else [rules.first, rules.per_minute, rules.stop_above]


def _waves_of(entry: Any) -> WaveRules | None:
    if entry is None:
        return None
    first, per_minute, stop_above = entry
    if not (first >= 1 and per_minute > 0 and 0 <= stop_above <= 1):
        raise ValueError("no rules of waves")
    return WaveRules(int(first), float(per_minute), float(stop_above))


def _add_entry(record: BulkRecord, line: str) -> None:
    """What a line of a list tells. Half a line, as the end of a program leaves it, tells nothing:
    each entry is written before what it is about is done, or after."""
    try:
        entry = parse_json(line)
    except ValueError:
        return
    if "bulk" in entry:
        record.ended = True
    elif "bulk_id" in entry:
        _add_chunk(record, entry)
    else:
        state, reason = ItemState(entry["state"]), _text(entry["reason"])
        record.note(_texts(entry["ids"]), state, reason)


def _add_chunk(record: BulkRecord, entry: Any) -> None:
    chunks = {chunk.bulk_id: chunk for chunk in record.chunks}
    bulk_id = _text(entry["bulk_id"])
    known = chunks.get(bulk_id)
    chunks[bulk_id] = Chunk(
        known.run_ids if known else _texts(entry["ids"]),
        bulk_id,
        _count(entry["success"]),
        _count(entry["failure"]),
        bool(entry["ended"]),
        bool(entry.get("aborted")),
        bool(entry.get("lost")),
        None if entry.get("total") is None else _count(entry["total"]),
    )
    record.chunks = list(chunks.values())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(map(_text, value))


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("not a count")
    return value


# The folder


def new_path(folder: Path, verb: str, now: datetime) -> Path:
    """A file for a new list; names sort by time."""
    return folder / f"{now:%Y%m%dT%H%M%S%f}-{verb}{SUFFIX}"


def unfinished_bulks(folder: Path) -> list[Path]:
    """Lists of bulks that were interrupted, the latest first: those that nobody works on. One that
    cannot be read is passed over."""
    return [path for path in _lists(folder) if _is_unfinished(path)]


def _is_unfinished(path: Path) -> bool:
    try:
        if _has_ended(path) or is_locked(path):
            return False
        return not BulkJournal.load(path).record.ended
    except (FileTrouble, OSError):
        return False


def prune(folder: Path, keep: int = ENDED_KEPT) -> None:
    """Take away the lists that have ended, but the latest ones. What cannot be taken away stays."""
    ended = []
    for path in _lists(folder):
        with suppress(FileTrouble):
            if _has_ended(path):
                ended.append(path)
    for path in ended[keep:]:
        with suppress(OSError):
            path.unlink()


def _lists(folder: Path) -> list[Path]:
    """The latest first."""
    try:
        return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)
    except OSError:
        return []


def _has_ended(path: Path) -> bool:
    """Whether a list ends as one that needs no resuming: read from its end, since a list may have
    ten thousand lines."""
    end = json.dumps(END).encode() + b"\n"
    return read_end(path, len(end)) == end
