"""What a typed text looks for in longer texts, in bounded time whatever was typed.

Python's own `re` backtracks for ever on `/(x+x+)+y/` and a line of 60 `x`, and nothing ends it.
Here a search has a time (see docs/decisions/regex.md).
"""

from __future__ import annotations

import re
import warnings
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

TEXT_S = 0.05
"""Seconds for one text: most take microseconds, and keys wait no longer than that."""
LITERAL_S = 1.0
"""The same for words as they are: looking for them takes as long as the text is, no longer."""
HIGHLIGHT_S = 0.01
"""Seconds for the matches of one line on screen, of which there may be fifty."""
MAX_TEXT = 50_000
"""Characters of a text that an expression is tried on: the engine looks at its clock between
steps, and a step may go through the whole text."""
MAX_SIZE = 5_000
"""Characters of an expression when its counted repeats are written out, as the engine does:
`(ab{3}){5}` has some 25. Those of `(a{9999}){9999}` would take all memory."""
TRIES = 5
"""How often a text is tried while the machine is busy."""
MAX_SLOW = 10_000
"""Texts remembered as too slow."""


class BadPattern(ValueError):
    """The text between the slashes is no regular expression; the message says why."""


class TooSlow(Exception):
    """A text could not be searched in time."""


def is_regex(text: str) -> bool:
    """Whether a text is written as a regular expression: `/…/`."""
    return len(text) > 2 and text[0] == text[-1] == "/"


class TextPattern:
    """A text, letter case aside; between slashes it is a regular expression."""

    def __init__(self, text: str) -> None:
        """Raises BadPattern."""
        self.is_regex = is_regex(text)
        self._compiled = _compiled(text[1:-1]) if self.is_regex else _literal(text)
        self._slow: set[str] = set()
        """Texts that could not be searched in time."""
        self._highlights = True

    @classmethod
    def of_expression(cls, expression: str) -> TextPattern:
        """A regular expression without slashes around it, which tells letter cases apart. Raises
        BadPattern."""
        pattern = cls(f"/{expression}/")
        pattern.is_regex = True  # an empty one is one, too
        pattern._compiled = _compiled(expression, ignore_case=False)
        return pattern

    def matches(self, text: str) -> bool:
        """Whether it occurs in a text. Raises TooSlow."""
        return self.find(text) >= 0

    def find(self, text: str, start: int = 0) -> int:
        """Where it first occurs in a text from `start` on; -1 where it does not. Raises TooSlow
        where that cannot be told in time."""
        if not self.is_regex:
            found = self._found(text, start, len(text), LITERAL_S)
            return -1 if found is None else found.start()
        if text in self._slow:
            raise TooSlow
        end = min(len(text), MAX_TEXT)
        try:
            found = self._found(text, start, end, TEXT_S)
            if end < len(text) and (found is None or found.end() == end):
                # What comes after the part that was looked at may decide.
                raise TooSlow
        except TooSlow:
            if len(self._slow) < MAX_SLOW:
                self._slow.add(text)
            raise
        return -1 if found is None else found.start()

    def _found(self, text: str, start: int, end: int, most_s: float) -> regex.Match[str] | None:
        for _ in range(TRIES):
            began_s = thread_time()
            try:
                return self._compiled.search(text, start, end, timeout=most_s)
            except TimeoutError:
                if thread_time() - began_s > most_s / 2:
                    break
                # It hardly ran: the machine was busy with something else.
        raise TooSlow

    def spans(self, text: str) -> list[tuple[int, int]]:
        """What to highlight in a line; nothing any more once that took too long."""
        if not self._highlights:
            return []
        try:
            found = self._compiled.finditer(text, 0, MAX_TEXT, timeout=HIGHLIGHT_S)
            return [match.span() for match in found if match.end() > match.start()]
        except TimeoutError:
            self._highlights = False
            return []


def _literal(text: str) -> regex.Pattern[str]:
    import regex  # takes 15 ms, when something is looked for

    return regex.compile(regex.escape(text), regex.IGNORECASE)


def _compiled(pattern: str, *, ignore_case: bool = True) -> regex.Pattern[str]:
    """A pattern that `re` takes, so that what it means is what Python's documentation says."""
    import regex

    flags = regex.IGNORECASE if ignore_case else 0
    try:
        with warnings.catch_warnings():
            # `[[a]` may come to mean something else in a later Python.
            warnings.simplefilter("ignore")
            re.compile(pattern)
            if _size(pattern) > MAX_SIZE:
                raise BadPattern("this repeats too much")
            return regex.compile(_with_plain_braces(pattern), flags)
    except (re.error, regex.error) as problem:
        raise BadPattern(f"not a regular expression: {problem}") from None
    except (OverflowError, RecursionError):
        raise BadPattern("this regular expression is too large") from None


_COUNT = r"\{\d*(?:,\d*)?\}"
_ESCAPE = r"\\[pPN]\{[^}]*\}|\\."


def _with_plain_braces(pattern: str) -> str:
    """The pattern with every brace that counts nothing as a plain character: `x{e}` would look for
    what is like an `x`."""
    return re.sub(
        rf"({_ESCAPE}|{_COUNT})|(\{{)",
        lambda found: found[1] or "\\{",
        pattern,
    )


_TOKEN = re.compile(
    rf"{_ESCAPE}|\(\?#[^)]*\)|(?P<count>{_COUNT})|(?P<open>\()|(?P<close>\))"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]|."
)


def _size(pattern: str) -> int:
    """How long a pattern is when its counted repeats are written out."""
    totals, last = [0], 0
    for token in _TOKEN.finditer(pattern):
        if token["count"]:
            most = max(map(int, re.findall(r"\d+", token["count"])), default=1)
            last *= max(most, 1)
        elif token["close"] and len(totals) > 1:
            totals[-1] += last
            last = totals.pop() + 1
        else:
            totals[-1] += last
            last = 1
            if token["open"]:
                totals.append(0)
    return sum(totals) + last
