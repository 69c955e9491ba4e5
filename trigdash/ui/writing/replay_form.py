"""What a changed replay is made of, checked field by field before anything is sent.

The replay endpoint takes no changes, so a changed replay is a new run through the trigger endpoint.
That endpoint accepts a delay that it cannot read and starts the run at once (recorded), so a slip
must be found here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from trigdash.model.tag_text import join_tags, split_tags
from trigdash.ui.writing.json_text import MAX_PAYLOAD_BYTES, read_json
from trigdash.ui.writing.tag_chips import TagChips, utf16_length
from trigdash.ui.writing.when import moment

MACHINES = ("micro", "small-1x", "small-2x", "medium-1x", "medium-2x", "large-1x", "large-2x")
MAX_KEY_LENGTH = 2_048
MAX_QUEUE_LENGTH = 128

MAX_ATTEMPTS = 1_000
"""More is a slip of the finger; the server takes any number."""

FIELDS = {
    "tags": 'comma between them; one with a comma in "quotes"',
    "queue": "the task's own",
    "machine": "as the task says",
    "concurrency key": "none",
    "priority": "0; seconds of head start in the queue",
    "max attempts": "as the task says",
    "delay": "none, starts at once",
    "ttl": "none; 10m, 2h: expires when not started by then",
    "idempotency key": "none",
}
"""The one-line fields of the form, and what an empty one means."""

_QUEUE = re.compile(r"[A-Za-z0-9_\-/]+")
_TTL = re.compile(r"(\d+(w|d|hr|h|m|s))+", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to trigger: payload, and the options of the trigger endpoint."""

    payload: object
    options: dict[str, object]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags among the options."""
        tags = self.options.get("tags", ())
        return tuple(map(str, tags)) if isinstance(tags, list) else ()


@dataclass(slots=True)
class FormRead:
    """What a form says: a run to trigger, or why not, by field."""

    new_run: NewRun | None = None
    problems: dict[str, str] = field(default_factory=dict)


def read_form(
    payload: str,
    fields: Mapping[str, str],
    now: datetime,
    *,
    is_test: bool = False,
    tags: Sequence[str] = (),
) -> FormRead:
    """Read the texts of a form; `fields` are those of FIELDS by name. `tags` are those that the
    form began with: untouched, they are sent as they were."""
    read = FormRead()
    parsed = read_json(payload, max_bytes=MAX_PAYLOAD_BYTES)
    if parsed.problem is not None:
        read.problems["payload"] = parsed.problem.sentence()
    options: dict[str, object] = {"test": True} if is_test else {}
    readers: dict[str, Callable[[str], dict[str, object]]] = {
        "tags": lambda typed: _tags(typed, tags),
        "queue": _queue,
        "machine": _machine,
        "concurrency key": lambda typed: {"concurrencyKey": _short_text(typed)},
        "priority": lambda typed: {"priority": _priority(typed)},
        "max attempts": lambda typed: {"maxAttempts": _attempts(typed)},
        "delay": lambda typed: {"delay": moment(typed, now).delay},
        "ttl": _ttl,
        "idempotency key": lambda typed: {"idempotencyKey": _short_text(typed)},
    }
    for name, reader in readers.items():
        typed = fields.get(name, "").strip()
        try:
            options |= reader(typed) if typed else {}
        except ValueError as problem:
            read.problems[name] = str(problem)
    if not read.problems:
        read.new_run = NewRun(parsed.value, options)
    return read


def _tags(typed: str, before: Sequence[str]) -> dict[str, object]:
    if typed == join_tags(before).strip():
        return {"tags": list(before)}
    chips = TagChips()
    for tag in split_tags(typed):
        if reason := chips.refusal(tag):
            raise ValueError(f"{reason}: {tag[:40]}")
        chips = chips.with_tag(tag)
    return {"tags": list(chips.added)}


def _queue(typed: str) -> dict[str, object]:
    if not _QUEUE.fullmatch(typed) or len(typed) > MAX_QUEUE_LENGTH:
        raise ValueError("a queue has letters, digits, - _ / and at most 128 of them")
    return {"queue": {"name": typed}}


def _machine(typed: str) -> dict[str, object]:
    if typed not in MACHINES:
        raise ValueError(f"one of {', '.join(MACHINES)}")
    return {"machine": typed}


def is_ttl(text: str) -> bool:
    """Whether a text is a time to live as the API writes it."""
    return _TTL.fullmatch(text) is not None


def _ttl(typed: str) -> dict[str, object]:
    ttl = typed.replace(" ", "")
    if not is_ttl(ttl):
        raise ValueError("a duration such as 10m or 2h30m")
    return {"ttl": ttl}


def _short_text(typed: str) -> str:
    if utf16_length(typed) > MAX_KEY_LENGTH:
        raise ValueError(f"at most {MAX_KEY_LENGTH:,} characters")
    return typed


def _priority(typed: str) -> int | float:
    if not _NUMBER.fullmatch(typed):
        raise ValueError("a number of seconds")
    seconds = float(typed)
    return int(seconds) if seconds.is_integer() else seconds


def _attempts(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= MAX_ATTEMPTS):
        raise ValueError(f"a whole number from 1 to {MAX_ATTEMPTS:,}")
    return int(typed)
