"""Actions as they are asked for and as they ended, and the audit log: one line of JSON each,
append-only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trigdash.config.file_lock import claimed
from trigdash.config.files import FileTrouble, append_line, read_bytes
from trigdash.model.clean import clean
from trigdash.model.json_text import json_compact, parse_json
from trigdash.model.moment import in_utc

if TYPE_CHECKING:
    from trigdash.backends.base import Json
    from trigdash.model.capability import Capability
    from trigdash.service.actions.verification import Verify


Key = tuple[str, str]
"""The guard and the target of an action."""


class Result(Enum):
    """How an action ended."""

    DONE = "done"
    REFUSED = "refused"
    """It did not happen, and the sentence says why."""
    UNKNOWN = "unknown"
    """The answer was lost: it may have happened, and is not sent again."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an action made, or found to be there."""

    id: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """One action, ready to be sent."""

    verb: str
    target: str
    needs: Capability
    send: Callable[[], Awaitable[object]]
    """Its answer is the new id, or the server's words, or of no interest."""
    done: Callable[[Any], str]
    """The sentence for its answer."""
    made: Callable[[Any], Made] | None = None
    """What it made, from its answer; None for an action that makes nothing."""
    quiet: bool = False
    """Part of a bulk, which wakes the queries itself."""
    guard: str = ""
    """Actions of the same guard on the same target exclude each other; the verb if empty."""
    verify: Verify | None = None
    """Tells whether it took effect when its answer was lost; None when nothing can tell. Such an
    action does no harm when it is sent again."""
    details: Mapping[str, Json] = field(default_factory=dict)
    """For the action log: what else says what was acted on."""

    @property
    def key(self) -> Key:
        return (self.guard or self.verb, self.target)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one action."""

    verb: str
    """cancel, replay, tag, reschedule, metadata, trigger, retry, restart, pause, resume, limit,
    reset limit, bulk cancel, bulk replay, abort bulk."""
    target: str
    """Id of the run, queue or bulk action; the task's name for a trigger."""
    result: Result
    message: str
    """For the user: what happened, or why it did not."""
    at: datetime
    new_id: str | None = None
    """The run (or bulk action) that was made."""
    is_new: bool = True
    """False when nothing was made: `new_id` is the run that an idempotency key stood for."""
    may_retry: bool = False
    """It can be sent again without harm and may well succeed then: no connection, the rate limit,
    or a lost answer of an action that did not take effect."""
    is_busy: bool = False
    """It was refused because the server is at work on too many of its kind: it can be sent again
    when one of them has ended."""
    is_general: bool = False
    """It was refused for a reason that holds for every target: the key, or read-only."""
    details: Mapping[str, object] = field(default_factory=dict)
    """For the action log: how the runs of a bulk were chosen (`chosen_by`, `filter`), and which
    they were (`run_ids`)."""

    @property
    def done(self) -> bool:
        return self.result is Result.DONE


@dataclass(frozen=True, slots=True)
class Pending:
    """An action under way, or done while its effect is still to be seen."""

    verb: str
    target: str
    since: datetime
    answered: bool = False
    """The server said yes; a canceled run may still take a while to stop."""
    answer_lost: bool = False
    """No answer came; the target is being read to see what became of it."""


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
            "sentence": outcome.message[:MAX_SENTENCE],
            "new_id": outcome.new_id,
            **outcome.details,
        }
        try:
            if self._is_full():
                self._put_aside()
            append_line(self.path, json_compact(entry))
        except (FileTrouble, OSError) as error:
            self.problem = f"the action log cannot be written: {_words(error)}"
        else:
            self.problem = ""

    def _put_aside(self) -> None:
        """Begin a new file, unless another program did meanwhile."""
        with claimed(self.path.parent):
            if self._is_full():
                self.path.replace(aside(self.path))

    def _is_full(self) -> bool:
        told = stamp_of(self.path)
        return told is not None and told[1] > MAX_BYTES


def read_audit(path: Path, limit: int = 500) -> list[AuditEntry]:
    """The latest entries, the newest first; what cannot be read is left out."""
    return read_log(path, limit)[0]


def read_log(path: Path, limit: int = 500) -> tuple[list[AuditEntry], str]:
    """The latest entries, the newest first, and why there may be more; lines that cannot be read
    are left out."""
    entries: list[AuditEntry] = []
    problem = ""
    for file in (path, aside(path)):
        if len(entries) >= limit:
            break
        try:
            body = read_bytes(file, 2 * MAX_BYTES) or b""
        except FileTrouble as trouble:
            problem = f"{file.name} cannot be read: {trouble}"
            continue
        lines = body.decode("utf-8", "replace").split("\n")
        found = (entry for line in reversed(lines) if (entry := _entry(line)) is not None)
        entries += islice(found, limit - len(entries))
    return entries, problem


def entry_of(outcome: Outcome, environment: str) -> AuditEntry:
    """The entry of an action that was not written to a log."""
    ids = outcome.details.get("run_ids")
    return AuditEntry(
        outcome.at,
        "",
        _word(environment),
        outcome.verb,
        _word(outcome.target),
        outcome.result.value,
        _word(outcome.message),
        outcome.new_id,
        chosen_by=_word(outcome.details.get("chosen_by")),
        filter=_word(outcome.details.get("filter")),
        run_ids=tuple(map(_word, ids)) if isinstance(ids, list) else (),
    )


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    return str(error)


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


def _word(value: object) -> str:
    """A text as it can be shown: sentences are a server's, and names are anybody's."""
    return clean(str(value or ""))


def _entry(line: str) -> AuditEntry | None:
    try:
        raw = parse_json(line)
        at = in_utc(datetime.fromisoformat(raw["at"]))
        words = {name: _word(raw.get(name)) for name in _WORDS}
        ids = raw.get("run_ids")
        run_ids = tuple(map(_word, ids)) if isinstance(ids, list) else ()
        return AuditEntry(at=at, **words, new_id=_word(raw.get("new_id")) or None, run_ids=run_ids)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
