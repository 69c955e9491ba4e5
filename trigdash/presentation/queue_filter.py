"""The filter line of the queues: words of the name, `health:backlogged`, `kind:task`.

The API has no filters for queues, so everything is matched here against the loaded ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trigdash.model.queue import Queue
from trigdash.presentation.queue_readings import Health
from trigdash.service.filters.completion import Completion

KINDS = ("task", "custom")
_HEALTHS = {health.value.replace(" ", "-"): health for health in Health}
_VALUES = {"health": tuple(_HEALTHS), "kind": KINDS}


class QueueFilterError(ValueError):
    """A filter line that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which queues are shown. Values of one field are alternatives; all words must occur."""

    words: tuple[str, ...] = ()
    """Lower case, parts of the name."""
    healths: frozenset[Health] = frozenset()
    kinds: frozenset[str] = frozenset()

    def matches(self, queue: Queue, health: Health) -> bool:
        """Whether a queue is shown."""
        name = queue.name.lower()
        return (
            (not self.healths or health in self.healths)
            and (not self.kinds or queue.kind in self.kinds)
            and all(word in name for word in self.words)
        )


def parse_queue_filter(line: str) -> QueueFilter:
    """The filter that a line means; QueueFilterError with the reason."""
    words: list[str] = []
    chosen: dict[str, list[str]] = {"health": [], "kind": []}
    for part in line.split():
        name, colon, typed = part.partition(":")
        field = name.lower()
        if not colon:
            words.append(part.lower())
        elif field not in chosen:
            raise QueueFilterError(f"queues have no {name}: try {' or '.join(_VALUES)}")
        else:
            chosen[field] += _known(field, typed)
    healths = frozenset(_HEALTHS[value] for value in chosen["health"])
    return QueueFilter(tuple(words), healths, frozenset(chosen["kind"]))


def _known(field: str, typed: str) -> list[str]:
    values = [value for value in typed.lower().split(",") if value]
    known = _VALUES[field]
    for value in values:
        if value not in known:
            raise QueueFilterError(f"{field} is one of {', '.join(known)}")
    if not values:
        raise QueueFilterError(f"{field}: {', '.join(known)}")
    return values


def problem_of(line: str) -> str | None:
    """Why a line cannot be used; None when it can."""
    try:
        parse_queue_filter(line)
    except QueueFilterError as problem:
        return str(problem)
    return None


def complete_queue_filter(line: str, position: int, names: Iterable[str]) -> Completion:
    """What may replace the word before `position`: fields, their values, names of queues."""
    word = re.search(r"\S*$", line[:position])
    start = word.start() if word else position
    typed = line[start:position].lower()
    field, colon, rest = typed.partition(":")
    if colon:
        last = rest.rpartition(",")[2]
        values = [value for value in _VALUES.get(field, ()) if value.startswith(last)]
        return Completion(position - len(last), position, tuple(values))
    fields = [f"{name}:" for name in _VALUES if name.startswith(typed)]
    known = [name for name in names if typed and " " not in name and typed in name.lower()]
    return Completion(start, position, (*fields, *sorted(known)[:20]))
