"""Completion of a filter line: fields, and values that are known or were seen.

This module is imported before the first frame: standard library and light modules only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trigdash.model.run_filter import ANY, SupportedFilters
from trigdash.model.run_row import RunRow
from trigdash.service.filters.description import quote
from trigdash.service.filters.fields import FIELDS, MACHINES, supports
from trigdash.service.filters.status_words import typed_status

MAX_SEEN = 2_000
"""Distinct values remembered for a field: tags are often one per user, and nobody tabs further."""

MAX_CANDIDATES = 50
"""Candidates offered at once; for more, the user types on."""

_FIXED = {
    "machine": MACHINES,
    "since": ("1h", "6h", "24h", "3d", "7d", "14d", "30d"),
    "from": ("today", "yesterday"),
    "to": ("today", "yesterday"),
    "test": ("true", "false"),
}


@dataclass(frozen=True, slots=True)
class Completion:
    """Candidates that may replace `line[start:end]`."""

    start: int
    end: int
    candidates: tuple[str, ...]


class SeenValues:
    """Values of the fields of a filter line that were seen in rows, for completion."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, None]] = {
            name: {} for name in ("task", "tag", "version", "region", "queue")
        }

    def observe(self, rows: Iterable[RunRow]) -> None:
        """Remember the values of these rows."""
        for row in rows:
            self.add("task", row.task)
            self.add("version", row.version)
            self.add("region", row.region)
            for tag in row.tags:
                self.add("tag", tag)

    def add(self, name: str, value: str | None) -> None:
        """Remember one value of one field; beyond MAX_SEEN new ones are ignored."""
        values = self._values[name]
        if value and len(values) < MAX_SEEN:
            values[value] = None

    def values_of(self, name: str) -> Iterable[str]:
        """The values seen of a field; a task's name is also its queue's."""
        if name == "queue":
            return {**self._values["queue"], **self._values["task"]}
        return self._values.get(name, ())


def complete(
    line: str, position: int, seen: SeenValues, supported_filters: SupportedFilters = ANY
) -> Completion:
    """Candidates for the word before `position`."""
    word = re.search(r'[^\s"]*$', line[:position])
    start = word.start() if word else position
    typed = line[start:position]
    name, colon, rest = typed.partition(":")
    if not colon:
        used = {found.lower() for found in re.findall(r"(?:^|\s)([A-Za-z_]+):", line)}
        fields = [f"{e}:" for e in FIELDS if e not in used and supports(supported_filters, e)]
        return Completion(start, position, _matching(fields, typed))
    listed, _, last = rest.rpartition(",")
    values = known_values(name.lower(), seen, supported_filters)
    taken = set(listed.split(","))
    matching = _matching([quote(value) for value in values if value not in taken], last)
    return Completion(position - len(last), position, matching)


def known_values(name: str, seen: SeenValues, supported_filters: SupportedFilters) -> Iterable[str]:
    """The known values of a field."""
    if name == "status":
        return [typed_status(each) for each in supported_filters.statuses]
    return _FIXED.get(name) or seen.values_of(name)


def _matching(candidates: Iterable[str], typed: str) -> tuple[str, ...]:
    """Candidates that start with what was typed, then those that contain it."""
    wanted = typed.lower()
    starting = [each for each in candidates if each.lower().startswith(wanted)]
    within = [each for each in candidates if wanted and wanted in each.lower()[1:]]
    return tuple(dict.fromkeys(starting + within))[:MAX_CANDIDATES]
