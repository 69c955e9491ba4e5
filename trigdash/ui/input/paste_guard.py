"""What a terminal sends, with pastes made harmless before they are read as keys.

Text that was copied from a colored log carries escape sequences. Textual reads what follows an
escape character as keys, also inside a paste: 32 characters of the text would act on the list.
Light: it is imported before the first frame.
"""

from __future__ import annotations

from textual.message import Message

START = "\x1b[200~"
END = "\x1b[201~"
"""What terminals put around a paste (bracketed paste)."""

MAX_PASTED = 100_000
"""Characters of one paste that are let through: more was pasted by mistake, and reading them key
by key would keep the screen waiting."""


class PasteCut(Message, bubble=False):
    """Characters at the end of a paste were left out."""

    def __init__(self, dropped: int) -> None:
        super().__init__()
        self.dropped = dropped


class PasteGuard:
    """Goes through input as it comes, in pieces of any size."""

    def __init__(self) -> None:
        self._is_pasting = False
        self._pasted = 0
        self._seen = ""
        """The end of what was passed outside of a paste: it may be the beginning of START."""
        self._dropped = 0
        self._waiting = ""
        """The end of what came in a paste: it may be the beginning of END."""

    def feed(self, text: str) -> str:
        """The text to read keys from. Keys never wait; what may be the end of a paste does."""
        passed = []
        while text:
            if self._is_pasting:
                words, text = self._paste(text)
            else:
                words, text = self._keys(text)
            passed.append(words)
        return "".join(passed)

    def _keys(self, text: str) -> tuple[str, str]:
        """What to pass, up to the beginning of a paste, and what comes after that."""
        at = (self._seen + text).find(START)
        self._is_pasting, self._pasted = at >= 0, 0
        end = at + len(START) - len(self._seen) if at >= 0 else len(text)
        self._seen = "" if self._is_pasting else (self._seen + text)[1 - len(START) :]
        return text[:end], text[end:]

    def _paste(self, text: str) -> tuple[str, str]:
        """The same up to the end of the paste."""
        pasted, end, rest = (self._waiting + text).partition(END)
        kept = 0 if end else _overlap(pasted)
        self._waiting = pasted[len(pasted) - kept :]
        self._is_pasting = not end
        return self._harmless(pasted[: len(pasted) - kept]) + end, rest

    def _harmless(self, pasted: str) -> str:
        words = "".join(c for c in pasted if c.isprintable() or c in "\n\r\t")
        kept = words[: MAX_PASTED - self._pasted]
        self._pasted += len(kept)
        self._dropped += len(words) - len(kept)
        return kept

    def take_dropped(self) -> int:
        """How many characters of a finished paste were dropped; returned once."""
        if self._is_pasting or not self._dropped:
            return 0
        dropped, self._dropped = self._dropped, 0
        return dropped


def _overlap(text: str) -> int:
    """How many characters at the end of a text may be the beginning of END."""
    return next((n for n in range(len(END) - 1, 0, -1) if text.endswith(END[:n])), 0)
