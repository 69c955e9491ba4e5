"""How many terminal columns a text takes.

Characters are measured one by one, as Textual draws them: a regional indicator takes one column, a
skin tone none. The tables are those of `wcwidth`, loaded with the first text that needs them.
"""

import re
from functools import lru_cache

_NARROW = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u2199\u2500-\u25fc\u2713\u2717]*"
)
"""Texts in which each character takes one column: nearly all that are drawn."""

_JOINER = "\u200d"
_WIDE_FORM = "\ufe0f"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def cell_len(text: str) -> int:
    """Terminal columns that `text` takes."""
    return _cached_len(text) if len(text) < 512 else _len(text)


def _len(text: str) -> int:
    if _NARROW.fullmatch(text):
        return len(text)
    if _JOINER not in text and _WIDE_FORM not in text:
        return sum(map(_character_width, text))
    width, base, is_joined = 0, "", False
    for character in text:
        if is_joined:
            is_joined = False
        elif character == _JOINER:
            is_joined = True
        elif character == _WIDE_FORM:
            width += bool(base) and _grows(base)
            base = ""
        elif own := _character_width(character):
            base = character
            width += own
    return width


_cached_len = lru_cache(maxsize=4096)(_len)


@lru_cache(maxsize=4096)
def _character_width(character: str) -> int:
    from wcwidth import wcwidth

    code = ord(character)
    if code in _REGIONAL:
        return 1
    return 0 if code in _SKIN_TONES else max(wcwidth(character), 0)


@lru_cache(maxsize=256)
def _grows(character: str) -> bool:
    """Whether a character is drawn wide when a selector asks for its colored form."""
    from wcwidth import wcswidth

    if ord(character) in _REGIONAL or _character_width(character) != 1:
        return False
    return wcswidth(character + _WIDE_FORM) == 2
