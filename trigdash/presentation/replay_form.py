"""The fields of a changed replay and its tags, checked before anything is sent."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from trigdash.model.tag_text import join_tags, split_tags
from trigdash.presentation.json_text import MAX_PAYLOAD_BYTES, read_json
from trigdash.presentation.moment import moment

MAX_TAGS = 10
MAX_TAG_LENGTH = 128


@dataclass(frozen=True, slots=True)
class TagChips:
    """The tags that a run has, and those that will be added. Changes give a new value."""

    present: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """How many more may be added."""
        return MAX_TAGS - len(self.present) - len(self.added)

    def disabled_reason(self, tag: str) -> str | None:
        """Why this tag cannot be added, in words; None when it can."""
        length = utf16_length(tag)
        if not tag:
            return "a tag cannot be blank"
        if length > MAX_TAG_LENGTH:
            return f"{length} characters, a tag has at most {MAX_TAG_LENGTH}"
        if tag in self.present:
            return "the run has this tag already"
        if tag in self.added:
            return "this tag is in the list already"
        if self.room < 1:
            return f"a run has at most {MAX_TAGS} tags, and tags cannot be removed"
        return None

    def with_tag(self, tag: str) -> "TagChips":
        """One more tag; the caller has seen that `refusal` is None."""
        return TagChips(self.present, (*self.added, tag))

    def without_last(self) -> "TagChips":
        """The last added tag taken back."""
        return TagChips(self.present, self.added[:-1])


def utf16_length(text: str) -> int:
    """Length as the server counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def too_many_for(tags: Iterable[str], present: Iterable[str]) -> bool:
    """Whether adding `tags` would take a run over the limit (for many runs at once)."""
    return len(set(tags) | set(present)) > MAX_TAGS


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
        read.problems["payload"] = parsed.problem.message()
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
        if reason := chips.disabled_reason(tag):
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
