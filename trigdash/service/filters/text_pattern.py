"""Searches longer texts for a typed text or expression, in bounded time for any input.

Python's own `re` backtracks practically forever on `/(x+x+)+y/` and a line of 60 `x`, and cannot be
interrupted. Here a search has a timeout (see docs/decisions/regex.md).
"""

from __future__ import annotations

import re
import warnings
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

TEXT_S = 0.05
"""Timeout in seconds for one text: most take microseconds, and keys wait no longer than this."""
LITERAL_S = 1.0
"""The same for literal words: the search takes time proportional to the text."""
HIGHLIGHT_S = 0.01
"""Timeout in seconds for the matches in one line on screen; there may be fifty lines."""
MAX_TEXT = 50_000
"""Characters of a text that an expression is matched with: the engine checks its clock between
steps, and one step may go through the whole text."""
MAX_SIZE = 5_000
"""Characters of an expression with its counted repeats expanded, as the engine does: `(ab{3}){5}`
has about 25. Those of `(a{9999}){9999}` would use up the memory."""
TRIES = 5
"""How often a search is repeated while the machine is busy."""
MAX_SLOW = 10_000
"""Texts remembered as too slow."""


class BadPattern(ValueError):
    """The text between the slashes is not a regular expression; the message says why."""


class TooSlow(Exception):
    """A text could not be searched in time."""


def is_regex(text: str) -> bool:
    """Whether a text is written as a regular expression: `/…/`."""
    return len(text) > 2 and text[0] == text[-1] == "/"


class TextPattern:
    """A text, ignoring case; between slashes it is a regular expression."""

    def __init__(self, text: str) -> None:
        """Raises BadPattern."""
        self.is_regex = is_regex(text)
        self._compiled = _compiled(text[1:-1]) if self.is_regex else _literal(text)
        self._slow: set[str] = set()
        """Texts that could not be searched in time."""
        self._highlights = True

    @classmethod
    def of_expression(cls, expression: str) -> TextPattern:
        """A case-sensitive regular expression without slashes. Raises BadPattern."""
        pattern = cls(f"/{expression}/")
        pattern.is_regex = True  # an empty one is valid, too
        pattern._compiled = _compiled(expression, ignore_case=False)
        return pattern

    def matches(self, text: str) -> bool:
        """Whether it occurs in a text. Raises TooSlow on a timeout."""
        return self.find(text) >= 0

    def find(self, text: str, start: int = 0) -> int:
        """The index of its first occurrence in a text from `start` on; -1 for none. Raises TooSlow
        on a timeout."""
        if not self.is_regex:
            found = self._found(text, start, len(text), LITERAL_S)
            return -1 if found is None else found.start()
        if text in self._slow:
            raise TooSlow
        end = min(len(text), MAX_TEXT)
        try:
            found = self._found(text, start, end, TEXT_S)
            if end < len(text) and (found is None or found.end() == end):
                # The text after the searched part may decide.
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
                # It hardly ran: the machine was busy with other work.
        raise TooSlow

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The ranges to highlight in a line; none any more after a timeout."""
        if not self._highlights:
            return []
        try:
            found = self._compiled.finditer(text, 0, MAX_TEXT, timeout=HIGHLIGHT_S)
            return [match.span() for match in found if match.end() > match.start()]
        except TimeoutError:
            self._highlights = False
            return []


def _literal(text: str) -> regex.Pattern[str]:
    import regex  # takes 15 ms, on the first search

    return regex.compile(regex.escape(text), regex.IGNORECASE)


def _compiled(pattern: str, *, ignore_case: bool = True) -> regex.Pattern[str]:
    """A pattern that `re` accepts as well, so that Python's documentation applies."""
    import regex

    flags = regex.IGNORECASE if ignore_case else 0
    try:
        with warnings.catch_warnings():
            # `[[a]` may get another meaning in a later Python.
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
    """The pattern with every brace that is not a count as a plain character: `x{e}` would be a
    fuzzy match for `x`."""
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
    """The length of a pattern with its counted repeats expanded."""
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
