"""A bulk's list on disk: what was planned, and what became of each run, so that an interrupted
bulk can be resumed and nothing is done or counted twice.

One file of JSON lines: the plan first, then an entry before and after each thing that is sent.
This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

from trigdash.service.bulk_plan import BulkPlan
from trigdash.service.claim import Claim, is_claimed
from trigdash.service.filter_language import parse
from trigdash.service.filter_words import format_filter

SUFFIX = ".bulk.jsonl"

ENDED_KEPT = 20
"""Lists of bulks that have ended are kept for who wants to read what was done, the latest ones."""

END: dict[str, object] = {"ended": True, "bulk": True}
"""The last entry of a list that needs no resuming."""


class InUseError(ValueError):
    """Somebody works on this list already: another trigdash, or this one."""


class ItemState(Enum):
    """Where one run of a bulk stands."""

    WAITING = "waiting"
    SENT = "sent"
    """Sent, or handed to the server's bulk; no answer yet."""
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The answer was lost; not sent again by itself."""


@dataclass(slots=True)
class Chunk:
    """Runs that were handed to the server's bulk in one call."""

    run_ids: tuple[str, ...]
    bulk_id: str
    success: int = 0
    failure: int = 0
    ended: bool = False
    """Whether its figures can change no more."""
    aborted: bool = False
    lost: bool = False
    """Whether the server knows nothing of it any more."""
    total: int | None = None
    """Runs that the server means to act on, as far as it has told."""


@dataclass(slots=True)
class BulkRecord:
    """A bulk as its journal tells it."""

    plan: BulkPlan
    started_at: datetime
    states: dict[str, ItemState] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    """Run id → why it failed, or the id of the run that was made."""
    chunks: list[Chunk] = field(default_factory=list)
    ended: bool = False

    def of_state(self, state: ItemState) -> list[str]:
        """Run ids in a state, in the plan's order."""
        return [run_id for run_id in self.plan.run_ids if self.state(run_id) is state]

    def state(self, run_id: str) -> ItemState:
        return self.states.get(run_id, ItemState.WAITING)

    def counts(self) -> tuple[int, int, int]:
        """Done, failed, unknown. Runs of a chunk are counted by the chunk's own figures; those
        that it counts nowhere were not acted on."""
        states = Counter(self.states.values())
        done, failed, unknown = (
            states[state] for state in (ItemState.DONE, ItemState.FAILED, ItemState.UNKNOWN)
        )
        for chunk in self.chunks:
            success, failure = self._counted(chunk)
            done += success
            failed += failure
            unknown += self.open_runs(chunk) if chunk.lost else 0
        return done, failed, unknown

    def open_runs(self, chunk: Chunk) -> int:
        """Runs of a chunk that the server has not counted (yet)."""
        size = (chunk.total or 0) if self.plan.matching is not None else len(chunk.run_ids)
        return max(0, size - sum(self._counted(chunk)))

    def _counted(self, chunk: Chunk) -> tuple[int, int]:
        """Done and failed; of a list no more than were handed over, whatever a server counts."""
        if self.plan.matching is not None:
            return chunk.success, chunk.failure
        failure = min(chunk.failure, len(chunk.run_ids))
        return min(chunk.success, len(chunk.run_ids) - failure), failure

    @property
    def is_cut_short(self) -> bool:
        """Whether runs were not tried: never sent, or left by a bulk action that was aborted."""
        return any(chunk.aborted for chunk in self.chunks) or bool(self.of_state(ItemState.WAITING))

    def dealt_with(self) -> frozenset[str]:
        """Runs that are done, as far as that is known of each. A bulk action that ended without
        an abort has dealt with all of its runs."""
        done = frozenset(self.of_state(ItemState.DONE))
        ended = (chunk for chunk in self.chunks if chunk.ended and not chunk.aborted)
        return done.union(*(chunk.run_ids for chunk in ended if not chunk.lost))

    def total(self) -> int:
        """Runs in all; of a plan by filter as far as the server estimates, until it has ended."""
        listed = len(self.plan.run_ids)
        if self.plan.matching is None or not self.chunks:
            return listed
        told = self.chunks[0].total
        return listed if told is None else max(sum(self.counts()), told)

    @property
    def total_is_estimate(self) -> bool:
        """Whether the total is what the server reckoned at the start (recorded)."""
        is_open = any(not chunk.ended or chunk.aborted for chunk in self.chunks)
        return self.plan.matching is not None and is_open


class BulkJournal:
    """Writes and remembers one bulk. Without a path it only remembers."""

    def __init__(self, record: BulkRecord, path: Path | None) -> None:
        self.record = record
        self.path = path
        self.problem = ""
        """Why the list cannot be kept, in words; the bulk goes on without."""
        self._claim: Claim | None = None

    @classmethod
    def begin(cls, plan: BulkPlan, now: datetime, path: Path | None) -> BulkJournal:
        """Start a list for a new bulk, and claim it."""
        journal = cls(BulkRecord(plan, now), path)
        journal._write(
            {
                "verb": plan.verb,
                "run_ids": plan.run_ids,
                "tags": plan.tags,
                "label": plan.label,
                "matching": format_filter(plan.matching) if plan.matching else "",
                "started_at": now.isoformat(),
            }
        )
        if path is not None and not journal.problem:
            journal._claim = Claim.take(path)
        return journal

    @classmethod
    def resume(cls, path: Path) -> BulkJournal:
        """Claim a list and read it back. InUseError when somebody works on it or it has ended
        meanwhile, ValueError when it is none, OSError when it is gone."""
        claim = Claim.take(path)
        if claim is None:
            raise InUseError("another trigdash works on this list")
        try:
            journal = cls.load(path)
            if journal.record.ended:
                raise InUseError("this list has come to its end elsewhere")
        except BaseException:
            claim.release()
            raise
        journal._claim = claim
        return journal

    @classmethod
    def load(cls, path: Path) -> BulkJournal:
        """Read a list back; ValueError when it is none."""
        first, *rest = path.read_text(encoding="utf-8").splitlines() or [""]
        try:
            head = json.loads(first)
            started_at = datetime.fromisoformat(head["started_at"])
            line = head.get("matching")
            plan = BulkPlan(
                head["verb"],
                tuple(head["run_ids"]),
                tuple(head["tags"]),
                head["label"],
                parse(line, started_at) if line else None,
            )
            journal = cls(BulkRecord(plan, started_at), None)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name} is no list of a bulk") from error
        for line in rest:
            journal._replay(line)
        journal.path = path
        return journal

    def note(self, run_ids: Iterable[str], state: ItemState, reason: str = "") -> None:
        """Runs have come to a state."""
        ids = list(run_ids)
        self._note(ids, state, reason)
        self._write({"ids": ids, "state": state.value, "reason": reason})

    def note_chunk(self, chunk: Chunk) -> None:
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

    def end(self) -> None:
        """Nothing is left to do: the list needs no resuming."""
        self.record.ended = True
        self._write(END)
        self.release()

    def release(self) -> None:
        """Let others work on the list."""
        if self._claim is not None:
            self._claim.release()

    def _note(self, run_ids: list[str], state: ItemState, reason: str) -> None:
        for run_id in run_ids:
            self.record.states[run_id] = state
            if reason:
                self.record.reasons[run_id] = reason

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return  # The last line of a program that was killed.
        if "bulk" in entry:
            self.record.ended = True
        elif "bulk_id" in entry:
            self._replay_chunk(entry)
        else:
            self._note(entry["ids"], ItemState(entry["state"]), entry["reason"])

    def _replay_chunk(self, entry: dict[str, object]) -> None:
        chunks = {chunk.bulk_id: chunk for chunk in self.record.chunks}
        bulk_id = str(entry["bulk_id"])
        known = chunks.get(bulk_id)
        chunks[bulk_id] = Chunk(
            known.run_ids if known else tuple(entry["ids"]),  # type: ignore[arg-type]  # as written
            bulk_id,
            int(str(entry["success"])),
            int(str(entry["failure"])),
            bool(entry["ended"]),
            bool(entry.get("aborted")),
            bool(entry.get("lost")),
            None if entry.get("total") is None else int(str(entry["total"])),
        )
        self.record.chunks = list(chunks.values())

    def _write(self, entry: dict[str, object]) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:
            self.problem = f"the list of this bulk cannot be kept ({error.strerror})"


def new_path(folder: Path, verb: str, now: datetime) -> Path:
    """A file for a new list; names sort by time."""
    return folder / f"{now:%Y%m%dT%H%M%S%f}-{verb}{SUFFIX}"


def unfinished_bulks(folder: Path) -> list[Path]:
    """Lists of bulks that were interrupted, the latest first: those that nobody works on."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        try:
            if not _has_ended(path) and not is_claimed(path):
                BulkJournal.load(path)
                found.append(path)
        except (ValueError, OSError):
            continue
    return found


def prune(folder: Path, keep: int = ENDED_KEPT) -> None:
    """Take away the lists that have ended, but the latest ones. What cannot be taken away stays."""
    try:
        lists = sorted(folder.glob(f"*{SUFFIX}"), reverse=True)
        for path in [path for path in lists if _has_ended(path)][keep:]:
            path.unlink()
    except OSError:
        return


def _has_ended(path: Path) -> bool:
    """Whether a list ends as one that needs no resuming: read from its end, since a list may have
    ten thousand lines."""
    end = json.dumps(END).encode() + b"\n"
    with path.open("rb") as file:
        file.seek(-min(len(end), path.stat().st_size), os.SEEK_END)
        return file.read() == end
