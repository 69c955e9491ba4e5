"""JSON compared as JSON means it, and read step by step: nesting costs memory, not stack."""

import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any


def same_json(one: object, other: object) -> bool:
    """Whether two JSON values are the same. Numbers compare by value: a JavaScript server writes
    8.0 as 8. Without recursion, since people nest JSON deeply."""
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pairs += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True


_SPACE = re.compile(r"[ \t\n\r]*")
_NAME = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
"""A member's name and colon. Escapes are left as they are, since no requested name has one."""
_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]  # not in its stubs

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BRACKET = re.compile(r""""[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]""", re.DOTALL)
"""A bracket, or a text as a whole: brackets within it close nothing."""

MAX_DEPTH = 100
"""Levels that are read of a value which nests too deeply for the C scanner."""
TOO_DEEP = "(nested too deeply to be read)"
"""Stands in the place of what lies deeper."""

MAX_AHEAD = 65_536
"""Characters that are searched for a mark, so that a missing one costs little."""


class Walk:
    """A place in a JSON text. Every method moves on or raises ValueError."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        char = self.text[self.at : self.at + 1]
        if char <= " " and (space := _SPACE.match(self.text, self.at)):
            self.at = space.end()
            char = self.text[self.at : self.at + 1]
        return char

    def enter(self, opening: str) -> None:
        """Step over a `{` or `[`."""
        if self.peek() != opening:
            raise self._unexpected("an object" if opening == "{" else "a list")
        self.at += 1

    def another(self, closing: str) -> bool:
        """Whether a member follows, having stepped over the comma or the closing bracket."""
        char = self.peek()
        if char == closing:
            self.at += 1
            return False
        if char == ",":
            self.at += 1
        return True

    def leave(self) -> None:
        """Step over the rest of the outermost object, and make sure that nothing follows it."""
        while self.another("}"):
            self.key()
            self.value()
        if self.peek():
            raise self._unexpected("the end")

    def key(self) -> str:
        """A member's name, having stepped over the colon."""
        name = _NAME.match(self.text, self.at)
        if name is None:
            raise self._unexpected("a member")
        self.at = name.end()
        return name[1]

    def value(self) -> Any:
        """A whole value. What nests without end becomes TOO_DEEP, a number of thousands of digits
        infinity. ValueError when it is no JSON, or not all of it is here."""
        self.peek()
        start = self.at
        try:
            value, self.at = _scan(self.text, self.at)
        except StopIteration:
            raise self._unexpected("a value") from None
        except (RecursionError, ValueError):
            value = self._value_from(start)
        return value

    def _value_from(self, start: int) -> Any:
        self.at = start
        try:
            return self._value_by_parts(1)
        except RecursionError:  # the stack was nearly spent before
            self.at = start
            self._skip()
            return TOO_DEEP

    def _value_by_parts(self, depth: int) -> Any:
        """A value that the C scanner refuses as a whole: its parts one by one."""
        opening = self.peek()
        if opening in ("{", "[") and depth > MAX_DEPTH:
            self._skip()
            return TOO_DEEP
        if opening == "{":
            return dict(self._members(depth))
        if opening == "[":
            return list(self._items(depth))
        number = _NUMBER.match(self.text, self.at)
        if number is None:
            raise self._unexpected("a value")
        self.at = number.end()
        return float(number[0])

    def _members(self, depth: int) -> Iterator[tuple[str, Any]]:
        self.enter("{")
        while self.another("}"):
            name = self.key()
            yield _scan(f'"{name}"', 0)[0] if "\\" in name else name, self._part(depth)

    def _items(self, depth: int) -> Iterator[Any]:
        self.enter("[")
        while self.another("]"):
            yield self._part(depth)

    def _part(self, depth: int) -> Any:
        self.peek()
        start = self.at
        try:
            value, self.at = _scan(self.text, self.at)
        except (RecursionError, ValueError):
            self.at = start
            return self._value_by_parts(depth + 1)
        except StopIteration:
            raise self._unexpected("a value") from None
        return value

    def _skip(self) -> None:
        """Step over a whole container, however deep."""
        depth, at = 0, self.at
        while found := _BRACKET.search(self.text, at):
            at = found.end()
            depth += 1 if found[0] in "[{" else -1 if found[0] in "]}" else 0
            if depth == 0:
                self.at = at
                return
        raise self._unexpected("the end of a value")

    def value_before(self, mark: str, closing: str) -> Any:
        """The value that begins here and would end before `mark` if it ended with `closing` there.

        None, without moving, where that is no whole value; else having stepped over the mark.
        """
        end = self.text.find(mark, self.at, self.at + MAX_AHEAD)
        if end < 0:
            return None
        part = self.text[self.at : end].rstrip(", \t\n\r") + closing
        try:
            value, used = _scan(part, 0)
        except (RecursionError, StopIteration, ValueError):
            return None
        if used < len(part):
            return None
        self.at = end + len(mark)
        return value

    def _unexpected(self, wanted: str) -> ValueError:
        return ValueError(f"expected {wanted} at character {self.at}")


def read_json(body: bytes) -> Any:
    """The value of a JSON text that is valid or nearly so. Raises ValueError otherwise. JavaScript
    servers send lone surrogates as escapes, people nest JSON to any depth, and numbers may have
    thousands of digits: none of this keeps the rest from being read.
    """
    text = body.decode("utf-8", "replace")
    walk = Walk(_ESCAPE.sub(_without_lone_surrogate, text) if "\\ud" in text.lower() else text)
    if not walk.peek():
        raise ValueError("the body is empty")
    try:
        value = walk.value()
    except ValueError:
        raise ValueError("the body is not JSON") from None
    if walk.peek():
        raise ValueError("the body is more than one value")
    return value


_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL
)
"""An escape within a text; both halves of a pair of surrogates at once."""
_LONE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def _without_lone_surrogate(escape: re.Match[str]) -> str:
    return "\\ufffd" if _LONE.fullmatch(escape[0]) else escape[0]
