"""What a changed replay is made of, checked field by field before anything is sent.

The replay endpoint takes no changes, so a changed replay is a new run through the trigger endpoint.
That endpoint accepts a delay that it cannot read and starts the run at once (recorded), so a slip
must be found here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trigdash.ui.writing.json_text import MAX_PAYLOAD_BYTES, read_json
from trigdash.ui.writing.tag_chips import TagChips, split_tags, utf16_length
from trigdash.ui.writing.when import moment

MACHINES = ("micro", "small-1x", "small-2x", "medium-1x", "medium-2x", "large-1x", "large-2x")
MAX_KEY_LENGTH = 2_048
MAX_QUEUE_LENGTH = 128

FIELDS = {
    "tags": "comma between them",
    "queue": "the task's own",
    "machine": "as the task says",
    "delay": "none, starts at once",
    "ttl": "none; 10m, 2h: expires when not started by then",
    "idempotency key": "none",
}
"""The one-line fields of the form, and what an empty one means."""

_QUEUE = re.compile(r"[A-Za-z0-9_\-/]+")
_TTL = re.compile(r"(\d+(w|d|hr|h|m|s))+")


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to trigger: payload, and the options of the trigger endpoint."""

    payload: object
    options: dict[str, object]


@dataclass(slots=True)
class FormRead:
    """What a form says: a run to trigger, or why not, by field."""

    new_run: NewRun | None = None
    problems: dict[str, str] = field(default_factory=dict)


def read_form(
    payload: str, fields: Mapping[str, str], now: datetime, *, is_test: bool = False
) -> FormRead:
    """Read the texts of a form; `fields` are those of FIELDS by name."""
    read = FormRead()
    parsed = read_json(payload, max_bytes=MAX_PAYLOAD_BYTES)
    if parsed.problem is not None:
        read.problems["payload"] = parsed.problem.sentence()
    options: dict[str, object] = {"test": True} if is_test else {}
    readers: dict[str, Callable[[str], dict[str, object]]] = {
        "tags": _tags,
        "queue": _queue,
        "machine": _machine,
        "delay": lambda typed: {"delay": moment(typed, now).delay},
        "ttl": _ttl,
        "idempotency key": _key,
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


def _tags(typed: str) -> dict[str, object]:
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


def _ttl(typed: str) -> dict[str, object]:
    if not _TTL.fullmatch(typed.replace(" ", "")):
        raise ValueError("a duration such as 10m or 2h30m")
    return {"ttl": typed.replace(" ", "")}


def _key(typed: str) -> dict[str, object]:
    if utf16_length(typed) > MAX_KEY_LENGTH:
        raise ValueError(f"at most {MAX_KEY_LENGTH:,} characters")
    return {"idempotencyKey": typed}
