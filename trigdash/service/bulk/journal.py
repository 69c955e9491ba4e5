"""The journal of a bulk action on disk: the plan and the state of each run, so that an interrupted
bulk action can be resumed and nothing is done or counted twice.

One file of JSON lines: the plan first, then an entry before and after each thing that is sent. This
module is imported before the first frame: standard library and light modules only.
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
"""The largest journal that is read. One of 5,000 runs, with an entry before and after each, takes
two megabytes."""

ENDED_KEPT = 20
"""How many journals of ended bulk actions are kept for reference, latest first."""

END: dict[str, object] = {"ended": True, "bulk": True}
"""The last entry of a journal that needs no resuming."""


class InUseError(FileTrouble):
    """This journal is already in use, by another trigdash or by this one."""


class BulkJournal:
    """Records one bulk action, on disk and in memory. Without a path, in memory only."""

    def __init__(self, record: BulkRecord, path: Path | None) -> None:
        self.record = record
        self.path = path
        self.problem = ""
        """Why the journal cannot be written, in words; the bulk action continues without it."""
        self._claim: FileLock | None = None
        self._is_begun = False
        """Whether the journal exists on disk and is ours."""

    @classmethod
    def create(cls, plan: BulkPlan, now: datetime, path: Path | None) -> BulkJournal:
        """Start and lock the journal of a new bulk action."""
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
            with suppress(OSError):  # removed meanwhile
                journal._claim = FileLock.acquire(path)
        return journal

    @classmethod
    def resume(cls, path: Path) -> BulkJournal:
        """Lock a journal and read it. Raises InUseError when it is in use or has ended meanwhile,
        FileTrouble when it cannot be read or is not a journal."""
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
        """Read a journal. Raises FileTrouble when it cannot be read or is not a journal."""
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
        """Whether the journal on disk is complete enough to resume from."""
        return self.path is not None

    def append(self, run_ids: Iterable[str], state: ItemState, reason: str = "") -> None:
        """Record the new state of runs."""
        ids = list(run_ids)
        self.record.note(ids, state, reason)
        self._write({"ids": ids, "state": state.value, "reason": reason})

    def append_chunk(self, chunk: Chunk) -> None:
        """Record that the server accepted a chunk, or how far it is. Its ids are written once."""
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
        """Record the end: the journal needs no resuming."""
        self.record.ended = True
        self._write(END)
        self.release()

    def release(self) -> None:
        """Unlock the journal."""
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
        """Stop writing. A journal that lacks requests that were sent must not be resumed, since
        they would be sent again, so it is removed unless repeating is safe."""
        if self._is_begun and self.record.plan.verb != "replay":
            return
        self.path = None
        if self._is_begun:
            with suppress(OSError):
                path.unlink()


# Reading back


def _record_of(head: Any) -> BulkRecord:
    """The plan of a journal. Raises ValueError, KeyError, TypeError or AttributeError when it is
    not one."""
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
    """Read one line of a journal. A partial line, as a killed program leaves it, is ignored: each
    entry is written before its request is sent, or after its answer."""
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
    """A path for a new journal; names sort by time."""
    return folder / f"{now:%Y%m%dT%H%M%S%f}-{verb}{SUFFIX}"


def unfinished_bulks(folder: Path) -> list[Path]:
    """Journals of interrupted bulk actions that are not in use, latest first. Unreadable ones are
    skipped."""
    return [path for path in _lists(folder) if _is_unfinished(path)]


def _is_unfinished(path: Path) -> bool:
    try:
        if _has_ended(path) or is_locked(path):
            return False
        return not BulkJournal.load(path).record.ended
    except (FileTrouble, OSError):
        return False


def prune(folder: Path, keep: int = ENDED_KEPT) -> None:
    """Remove the journals of ended bulk actions, except the latest. Those that cannot be removed
    stay."""
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
    """Whether the last entry of a journal is END. Reads from the end, since a journal may have ten
    thousand lines."""
    end = json.dumps(END).encode() + b"\n"
    return read_end(path, len(end)) == end
