"""Keys of layouts without Latin letters: each acts as the Latin key of the same place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from textual.events import Key
from textual.keys import _character_to_key

_PLACES: Final = (
    # Russian; Ukrainian and Belarusian differ from it in the letters of the next line.
    ("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("іїєґў", "s]'\\o"),
    # The letters that only Serbian and Macedonian have.
    ("љњђјћџ", "qw]j'x"),
    ("ερτυθιοπασδφγηξκλζχψωβνμς", "ertyuiopasdfghjklzxcvbnmw"),
    ("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,."),
    ("ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ", "qwertyuiop[]asdfghjkl;'zxcvnm,./"),
)
"""Letters of a layout and what stands on the same keys of a US keyboard."""

_SHIFTED: Final = str.maketrans("[]\\;'`,./", '{}|:"~<>?')


def _by_place() -> dict[str, str]:
    found: dict[str, str] = {}
    for letters, latin in _PLACES:
        for letter, key in zip(letters, latin, strict=True):
            capital = letter.upper()
            if capital != letter:
                found.setdefault(capital, key.upper().translate(_SHIFTED))
            found.setdefault(letter, key)
    return found


LATIN: Final[Mapping[str, str]] = _by_place()
"""Letter → the character that the same key gives on a US keyboard."""


def latin(character: str) -> str:
    """The Latin character of the same key; empty when it is not known. Wide forms, as input
    methods for Chinese and Japanese give them, are the letters that they look like."""
    wide = unicodedata.normalize("NFKC", character)
    return LATIN.get(character) or (wide if wide != character and wide.isascii() else "")


def on_latin_layout(event: Key) -> Key | None:
    """The key that a key without a Latin letter stands for; None when it is not known. Terminals
    that tell more send modified ones such as `ctrl+с` too."""
    modifiers, plus, name = event.key.rpartition("+")
    character = latin(name if len(name) == 1 else event.character or "")
    if not character:
        return None
    return Key(f"{modifiers}{plus}{_character_to_key(character)}", None if plus else character)


def is_foreign(event: Key) -> bool:
    """Whether a key is a letter that no key of the product is called by."""
    name = event.key.rpartition("+")[2]
    return len(name) == 1 and name.isalpha() and not name.isascii()
