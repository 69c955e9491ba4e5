"""Tags as one line of text: commas between them, and quotes around one that has a comma itself.

What a line cannot hold plainly is written as a JSON text: `"order:1,2"`, `" blank first"`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trigdash.model.clean import is_clean
from trigdash.model.json_text import escaped, json_compact, parse_json

NOT_CLOSED = 'a quote " is not closed at the end of its tag'

_BLANKS = re.compile(r"\s*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLAIN = re.compile(r"[^,\n]*")
_SEPARATORS = (",", "\n")


@dataclass(frozen=True, slots=True)
class _Part:
    """The text between two separators."""

    text: str
    """Without blanks around it."""
    start: int
    is_ended: bool
    """Whether a separator follows, and not the end of the line."""

    def tag(self) -> str:
        """The tag that is meant. ValueError for a quote that is not closed."""
        if not self.text.startswith('"'):
            return self.text
        if _QUOTED.fullmatch(self.text) is None:
            raise ValueError(NOT_CLOSED)
        tag = parse_json(self.text, strict=False)
        return str(tag)


def join_tags(tags: Iterable[str]) -> str:
    """The line that `split_tags` reads back as these tags."""
    return ", ".join(map(quoted, tags))


def quoted(tag: str) -> str:
    """One tag as it is written in a line."""
    is_plain = tag == tag.strip() and not tag.startswith('"') and not {*_SEPARATORS} & {*tag}
    return tag if tag and is_plain and is_clean(tag) else escaped(json_compact(tag))


def split_tags(typed: str) -> list[str]:
    """Tags of a typed or pasted text: commas and line ends part them, blanks around them go.
    Raises ValueError for a quote that is not closed."""
    return [part.tag() for part in _parts(typed) if part.text]


def split_ended(typed: str) -> tuple[str, str]:
    """A line while it is typed: the tags that a comma has ended, and what comes after. A comma
    within a quote ends nothing."""
    *_, last = _parts(typed)
    return typed[: last.start], typed[last.start :]


def _parts(typed: str) -> Iterator[_Part]:
    """The parts of a line; the last one is not ended, and may be empty."""
    start = 0
    while True:
        begin = _end_of(_BLANKS, typed, start)
        end = begin
        if typed.startswith('"', begin):
            closed = _QUOTED.match(typed, begin)
            end = closed.end() if closed is not None else len(typed)
        end = _end_of(_PLAIN, typed, end)
        is_ended = typed[end : end + 1] in _SEPARATORS
        yield _Part(typed[begin:end].strip(), start, is_ended)
        if not is_ended:
            return
        start = end + 1


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a pattern that always matches ends."""
    found = pattern.match(text, start)
    return found.end() if found is not None else start
