"""A JSON value as rows that fold: for payloads, outputs, metadata and properties. Pure.

Values are walked with an explicit stack, so that no depth of nesting overflows, and are kept as
they came: text is cleaned when it becomes a row.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import IntEnum
from typing import Any

from typing_extensions import override

from trigdash.model.clean import clean_lines
from trigdash.model.json_text import HugeNumber, escaped, json_spaced, parse_json
from trigdash.presentation.run.outline import Outline

MAX_ROWS = 500_000
"""Rows made of one value; a value that large is to be saved, not read."""
INLINE = 160
"""Characters of a text that fit next to its key; longer ones unfold into lines."""
CHUNK = 480
"""Characters of a line of an unfolded text that has no line ends of its own: a few rows of a
screen, on which lines wrap."""
OPEN_ROWS = 200
"""Below the top, what has more rows than this begins folded."""
OPEN_LINES = 12
"""A text with more lines than this begins folded."""


class JsonKind(IntEnum):
    """What a row shows."""

    NULL = 0
    BOOLEAN = 1
    NUMBER = 2
    STRING = 3
    ARRAY = 4
    OBJECT = 5
    TEXT = 6
    """A long string: its lines are the rows below it."""
    LINE = 7
    """One line of a long string."""


_STRING, _NUMBER = JsonKind.STRING.value, JsonKind.NUMBER.value
"""Plain ints: searching goes through half a million rows."""
_LONG = 10**15
_CONTAINERS = (JsonKind.ARRAY, JsonKind.OBJECT)


class JsonRows(Outline):
    """One value, row by row."""

    def __init__(self, value: Any, name: str = "") -> None:
        self.name = name
        """What the whole value is called: payload, output …"""
        self.keys: list[str | int | None] = []
        """The key or index of each row within its parent; None for the whole value and lines."""
        self.values: list[Any] = []
        self.kinds = bytearray()
        self.left_out = 0
        """Values beyond the cap."""
        depth, parent, end = array("i"), array("i"), array("i")
        self._fill(value, depth, parent, end)
        super().__init__(depth, parent, end)
        self._folded = bytearray(self._begins_folded(row) for row in range(len(depth)))

    def __len__(self) -> int:
        return len(self.kinds)

    def follow(self, before: "JsonRows") -> None:
        """Take over what was folded and looked for in an earlier value, path by path."""
        changed = {
            before.path(row): bool(before._folded[row])
            for row in range(len(before))
            if bool(before._folded[row]) != before._begins_folded(row)
        }
        if changed:
            for row in range(len(self)):
                shut = changed.get(self.path(row)) if self.is_parent(row) else None
                if shut is not None:
                    self._folded[row] = shut
        self.search(before.text)

    def _fill(
        self, value: Any, depth: "array[int]", parent: "array[int]", end: "array[int]"
    ) -> None:
        """Rows of a value and all in it: a stack of what is left to walk in place of recursion."""
        stack: list[Iterator[tuple[str | int | None, Any, JsonKind | None]]] = []
        path: list[int] = []
        stack.append(iter([(None, value, None)]))
        while stack:
            told = next(stack[-1], None)
            if told is None:
                stack.pop()
                if path:
                    end[path.pop()] = len(self.kinds)
                continue
            key, item, known = told
            if len(self.kinds) >= MAX_ROWS:
                self.left_out += 1
                continue
            kind = _kind(item) if known is None else known
            depth.append(len(path))
            parent.append(path[-1] if path else -1)
            end.append(len(self.kinds) + 1)
            self.keys.append(key)
            self.values.append(item)
            self.kinds.append(kind)
            if kind >= JsonKind.ARRAY and kind != JsonKind.LINE:
                path.append(len(self.kinds) - 1)
                stack.append(_parts(item, kind))

    def _begins_folded(self, row: int) -> bool:
        below = self.subtree_end[row] - row - 1
        if self.kinds[row] == JsonKind.TEXT:
            return below > OPEN_LINES
        return below > OPEN_ROWS and self.depth[row] > 0

    @override
    def find(self, text: str) -> Iterator[int]:
        for row, key in enumerate(self.keys):
            named = isinstance(key, str) and text in key.casefold()
            if named or text in self.value_text(row).casefold():
                yield row

    def kind(self, row: int) -> JsonKind:
        """What a row shows."""
        return JsonKind(self.kinds[row])

    def key_text(self, row: int) -> str:
        """The key or index of a row, clean; empty for a line of a text."""
        key = self.keys[row]
        if key is None:
            return self.name if row == 0 else ""
        return escaped(str(key))

    def value_text(self, row: int) -> str:
        """The value next to the key, on one clean line."""
        kind, value = self.kinds[row], self.values[row]
        if kind == _STRING and value.isalnum() and value.isascii():
            return f'"{value}"'
        if kind == _NUMBER and value.__class__ is int and -_LONG < value < _LONG:
            return str(value)
        if kind == JsonKind.LINE:
            return str(value)
        if kind == JsonKind.TEXT:
            return ""
        if kind in _CONTAINERS:
            return "" if value else ("[]" if kind == JsonKind.ARRAY else "{}")
        if kind == JsonKind.STRING:
            return escaped(json_spaced(value))
        return scalar_text(value)

    def size_label(self, row: int) -> str:
        """How much is in a row that folds: `3 items`, `2 keys`, `14.2k characters`."""
        kind, value = self.kinds[row], self.values[row]
        if kind == JsonKind.TEXT:
            return f"{len(value):,} characters"
        if kind not in _CONTAINERS or not value:
            return ""
        word = "item" if kind == JsonKind.ARRAY else "key"
        return f"{len(value):,} {word}{'' if len(value) == 1 else 's'}"

    def path(self, row: int) -> str:
        """Where a row is, as JSON path: `$.items[0]["odd key"]`."""
        steps = []
        while row > 0:
            key = self.keys[row]
            if isinstance(key, int):
                steps.append(f"[{key}]")
            elif isinstance(key, str):
                plain = key.isidentifier() and key.isascii()
                steps.append(f".{key}" if plain else f"[{json.dumps(key)}]")
            row = self.parent[row]
        return "$" + "".join(reversed(steps))

    def steps(self, row: int) -> list[str | int | None]:
        """The keys on the way from the whole value to a row."""
        steps = []
        while row > 0:
            steps.append(self.keys[row])
            row = self.parent[row]
        return steps[::-1]

    def reached_by(self, steps: Iterable[str | int | None]) -> int:
        """The row that some keys lead to, or the last one on the way that there is."""
        row = 0
        for step in steps:
            row = next((at for at in self.children(row) if self.keys[at] == step), -1 - row)
            if row < 0:
                return -1 - row
        return row

    def is_text(self, row: int) -> bool:
        """Whether a row shows a text, or a line of one."""
        return self.kinds[row] in (JsonKind.STRING, JsonKind.TEXT, JsonKind.LINE)

    def copied(self, row: int) -> str:
        """A value as text to take along: a string as it is, all else as JSON, indented."""
        while self.kinds[row] == JsonKind.LINE:
            row = self.parent[row]
        if self.is_text(row):
            return str(self.values[row])
        if self.left_out:
            # Not every value has a row: only the value itself is whole. Without indentation, which
            # for what is that large would take seconds.
            with suppress(RecursionError):
                return json_spaced(self.values[row])
        return "\n".join(self._printed(row))

    def _printed(self, top: int) -> Iterator[str]:
        """JSON of a row and all in it, from the rows themselves: no depth is too deep."""
        open_rows: list[int] = []
        for row in range(top, self.subtree_end[top]):
            if self.kinds[row] == JsonKind.LINE:
                continue
            while open_rows and self.subtree_end[open_rows[-1]] <= row:
                yield self._closing(open_rows, row)
            indent = "  " * len(open_rows)
            key = self.keys[row] if open_rows else None
            head = indent + (f"{json_spaced(key)}: " if isinstance(key, str) else "")
            if self.kinds[row] in _CONTAINERS and self.values[row] and self.is_parent(row):
                open_rows.append(row)
                yield f"{head}{'[' if self.kinds[row] == JsonKind.ARRAY else '{'}"
                continue
            yield f"{head}{json_spaced(self.values[row])}{self._comma(row, open_rows)}"
        while open_rows:
            yield self._closing(open_rows, self.subtree_end[top])

    def _closing(self, open_rows: list[int], following: int) -> str:
        row = open_rows.pop()
        bracket = "]" if self.kinds[row] == JsonKind.ARRAY else "}"
        return f"{'  ' * len(open_rows)}{bracket}{self._comma(row, open_rows)}"

    def _comma(self, row: int, open_rows: list[int]) -> str:
        last = not open_rows or self.subtree_end[row] >= self.subtree_end[open_rows[-1]]
        return "" if last else ","


def read_json(text: str) -> tuple[Any, bool]:
    """The value of a JSON text and True, or the text itself and False if it is not JSON."""
    try:
        return parse_json(text), True
    except ValueError:
        return text, False


def _kind(value: Any) -> JsonKind:
    if value is None:
        return JsonKind.NULL
    if isinstance(value, bool):
        return JsonKind.BOOLEAN
    if isinstance(value, int | float | HugeNumber):
        return JsonKind.NUMBER
    if isinstance(value, list | tuple):
        return JsonKind.ARRAY
    if isinstance(value, dict):
        return JsonKind.OBJECT
    text = str(value)
    return JsonKind.TEXT if len(text) > INLINE or "\n" in text else JsonKind.STRING


def _parts(value: Any, kind: JsonKind) -> Iterator[tuple[str | int | None, Any, JsonKind | None]]:
    """What is in a value, row by row."""
    if kind == JsonKind.OBJECT:
        return ((str(key), item, None) for key, item in value.items())
    if kind == JsonKind.ARRAY:
        return ((index, item, None) for index, item in enumerate(value))
    if kind == JsonKind.TEXT:
        return ((None, line, JsonKind.LINE) for line in text_lines(str(value)))
    return iter(())


def text_lines(text: str) -> Iterator[str]:
    """Clean lines of a long text, none longer than a screen is high."""
    for line in clean_lines(text):
        for start in range(0, max(len(line), 1), CHUNK):
            yield line[start : start + CHUNK]


def scalar_text(value: Any) -> str:
    """A number, boolean or null as JSON writes it; very long numbers are cut."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**400:
        return f"a number of {value.bit_length():,} bits"
    return json_spaced(value)
