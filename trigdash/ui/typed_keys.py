"""What a typed key means before it acts: a held one nothing, one of another layout its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from time import monotonic
from typing import Final

from textual import events
from textual.events import Key
from textual.keys import _character_to_key
from typing_extensions import override

from trigdash.ui.input.key_order import HeldKey, KeyOrder, Typed
from trigdash.ui.input.paste_guard import PasteCut

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
"""Letters of a layout, and those on the same keys of a US keyboard."""

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
    """The Latin key at the position of a non-Latin one; None if unknown. Some terminals also send
    modified ones such as `ctrl+с`."""
    modifiers, plus, name = event.key.rpartition("+")
    character = latin(name if len(name) == 1 else event.character or "")
    if not character:
        return None
    return Key(f"{modifiers}{plus}{_character_to_key(character)}", None if plus else character)


def is_foreign(event: Key) -> bool:
    """Whether a key is a letter that no key of the product is called by."""
    name = event.key.rpartition("+")[2]
    return len(name) == 1 and name.isalpha() and not name.isascii()


class TypedKeys(KeyOrder):
    """An app whose keys are those of the user's hand and keyboard."""

    last_key = ""
    """The key that acted last."""
    _held: HeldKey | None = None
    _told_layout = False

    @override
    async def act_on(self, event: Typed) -> None:
        """Take no press of a key that is still held down from before."""
        if isinstance(event, events.Key):
            event = self._as_latin(event)
            if self._held is not None and self._held.swallows(event.key, monotonic()):
                return
            self.last_key = event.key
        await super().act_on(event)

    def _as_latin(self, event: events.Key) -> events.Key:
        """A letter of another layout as the key of the same place, where a key is expected and
        not a text."""
        focused = self.focused
        is_text = focused is not None and focused.check_consume_key(event.key, event.character)
        if not is_foreign(event) or is_text or event.key in self.screen.active_bindings:
            return event
        known = on_latin_layout(event)
        if known is None and not self._told_layout:
            self._told_layout = True
            self._warn(
                f"no key is called {event.key}: keys are Latin letters. Switch the keyboard"
                " layout, or name your own in the settings, under keys"
            )
        return known or event

    def on_paste_cut(self, message: PasteCut) -> None:
        """More was pasted than is read: say what is missing."""
        self._warn(f"{message.dropped:,} characters at the end of the paste were left out")

    def _warn(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    def hold_last_key(self, *, heeds_quick: bool = False) -> None:
        """The last key has answered a dialog: held on, it does nothing to what is beneath."""
        if self.last_key:
            self._held = HeldKey(self.last_key, monotonic(), heeds_quick=heeds_quick)
