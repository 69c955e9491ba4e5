"""Action requests, their outcomes, and the audit log: one JSON line for each action,
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
"""The guard and target of an action."""


class Result(Enum):
    """How an action ended."""

    DONE = "done"
    REFUSED = "refused"
    """It did not happen, and the message says why."""
    UNKNOWN = "unknown"
    """The answer was lost. The action may have happened and is not sent again."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an action created or found to exist."""

    id: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """One action, ready to be sent."""

    verb: str
    target: str
    needs: Capability
    send: Callable[[], Awaitable[object]]
    """Returns the new id or the server's message; some answers are not used."""
    done: Callable[[Any], str]
    """The message for its answer."""
    made: Callable[[Any], Made] | None = None
    """Reads from the answer what was created; None for an action that creates nothing."""
    quiet: bool = False
    """Part of a bulk action, which wakes the queries itself."""
    guard: str = ""
    """Actions with the same guard on the same target exclude each other. Empty means the verb."""
    verify: Verify | None = None
    """Checks whether the action took effect when its answer was lost. None when that cannot be
    checked; such an action is safe to repeat."""
    details: Mapping[str, Json] = field(default_factory=dict)
    """For the action log: further details of the target."""

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
    """For the user: what happened, or why nothing did."""
    at: datetime
    new_id: str | None = None
    """The new run or bulk action."""
    is_new: bool = True
    """False when nothing was created: `new_id` is the existing run with the idempotency key."""
    may_retry: bool = False
    """It is safe to send again and may succeed then: there was no connection, the rate limit was
    hit, or the answer was lost and the action did not take effect."""
    is_busy: bool = False
    """It was refused because the server already runs too many actions of this kind. It can be sent
    again when one of them has ended."""
    is_general: bool = False
    """It was refused for a reason that applies to every target: the key, or read-only mode."""
    details: Mapping[str, object] = field(default_factory=dict)
    """For the action log: how the runs of a bulk action were chosen (`chosen_by`, `filter`), and
    their ids (`run_ids`)."""

    @property
    def done(self) -> bool:
        return self.result is Result.DONE


@dataclass(frozen=True, slots=True)
class Pending:
    """An action in progress, or one that is done and whose effect is not visible yet."""

    verb: str
    target: str
    since: datetime
    answered: bool = False
    """The server confirmed it; a canceled run may still take a while to stop."""
    answer_lost: bool = False
    """No answer came; the target is being read to find out what happened."""


MAX_BYTES = 4_000_000
"""About 20,000 actions, or bulks over 140,000 runs; then the file is renamed to `.1`, replacing the
previous one."""

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
    """Of a bulk action: how its runs were chosen, in words."""
    filter: str = ""
    """Of a bulk action by filter: the filter line."""
    run_ids: tuple[str, ...] = ()
    """Of a bulk action by ids: the ids."""


class AuditLog:
    """Appends to one file. A disk error is kept in `problem` and stops no action."""

    def __init__(self, path: Path, profile: str = "") -> None:
        self.path = path
        self.problem = ""
        """Why the last entry could not be written, in words; empty when it was written."""
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
        """Start a new file, unless another program did so meanwhile."""
        with claimed(self.path.parent):
            if self._is_full():
                self.path.replace(aside(self.path))

    def _is_full(self) -> bool:
        told = stamp_of(self.path)
        return told is not None and told[1] > MAX_BYTES


def read_audit(path: Path, limit: int = 500) -> list[AuditEntry]:
    """The latest entries, newest first; unreadable ones are left out."""
    return read_log(path, limit)[0]


def read_log(path: Path, limit: int = 500) -> tuple[list[AuditEntry], str]:
    """The latest entries, newest first, and why there may be more. Unreadable lines are left
    out."""
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
    """A value that changes whenever the log is written; None while there is no log."""
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size


def aside(path: Path) -> Path:
    """The path of a full log."""
    return path.with_name(path.name + ".1")


_WORDS = (
    *("profile", "environment", "action", "target", "result", "sentence"),
    *("chosen_by", "filter"),
)


def _word(value: object) -> str:
    """A text cleaned for display: messages come from a server, and names from any user."""
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
