"""Reading JSON step by step, so that nesting costs memory and never the stack.

The C scanner of `json` recurses, and a span 1,000 levels deep is 2,000 levels of JSON. Walkers open
the containers that nest without bound themselves and hand every small value to the C scanner.
"""

import re
from json import JSONDecoder
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_NAME = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
"""A member's name and colon. Escapes are left as they are: no name that is asked for has one."""
_scan = JSONDecoder().scan_once  # type: ignore[attr-defined]  # not in its stubs

MAX_AHEAD = 65_536
"""Characters that are looked at for a mark, so that a mark that is not there costs little."""


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
            raise self._surprise(opening)
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

    def key(self) -> str:
        """A member's name, having stepped over the colon."""
        name = _NAME.match(self.text, self.at)
        if name is None:
            raise self._surprise("a member")
        self.at = name.end()
        return name[1]

    def value(self) -> Any:
        """A whole value, read by the C scanner. ValueError when it nests too deeply for that."""
        self.peek()
        try:
            value, self.at = _scan(self.text, self.at)
        except RecursionError:
            raise ValueError(f"a value nests too deeply at character {self.at}") from None
        except StopIteration:
            raise self._surprise("a value") from None
        return value

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

    def _surprise(self, wanted: str) -> ValueError:
        return ValueError(f"expected {wanted} at character {self.at}")
