"""Looking for a text in a list: narrowing to it, and going from match to match."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from trigdash.model.run_row import RunRow
from trigdash.presentation.cell import Cell, Piece
from trigdash.service.filters.matching import TextMatch


class MatchNavigator:
    """The last text that was looked for, which is looked for on when the filter is gone."""

    def __init__(self, text: str, conditions: Sequence[str] = ()) -> None:
        self.text = text
        self.is_seeking = False
        """Whether matches are gone through without narrowing the list to them."""
        self._match = TextMatch(text)
        self._narrowing = TextMatch(text, conditions)
        self._at: object = None
        """The key of the match that was gone to."""
        self._words = ""

    def start(self, text: str, conditions: Sequence[str] = ()) -> None:
        """The list is narrowed to another text; with none, the last one is kept in mind."""
        self.stop()
        self._narrowing = TextMatch(text, conditions)
        if text:
            self.text, self._match = text, TextMatch(text)

    def stop(self) -> None:
        """Look for nothing any more."""
        self.is_seeking, self._at = False, None

    def narrow(self, rows: Sequence[RunRow]) -> list[RunRow]:
        """The rows that match, in their order."""
        return self._narrowing.narrow(rows)

    def next(self, rows: Sequence[object], here: int, step: int) -> int | None:
        """Where the next match (-1: the one before) from row `here` is, round the end."""
        found = [
            at
            for at, row in enumerate(rows)
            if isinstance(row, RunRow) and self._match.matches(row)
        ]
        if not found:
            return None
        place = bisect_right(found, here) if step > 0 else bisect_left(found, here) - 1
        place %= len(found)
        self._words = f"match {place + 1} of {len(found)}"
        return found[place]

    def gone_to(self, key: object) -> None:
        """The match was gone to."""
        self._at = key

    def match_label(self, cursor_key: object) -> Cell:
        """Which match is highlighted, and what ends the search."""
        note: list[Piece] = []
        if self._at is not None and self._at == cursor_key:
            note.append((f"{self._words}   ", "accent"))
        if self.is_seeking:
            note += [(f"{self.text}   ", "strong"), ("esc", "key"), (" ends the search ", "dim")]
        return tuple(note)
