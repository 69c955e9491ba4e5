"""Rows that fold: a tree as pre-order columns, of which some rows are shown. Pure, no terminal.

The shown rows are one ascending array, so that finding a row among them is a bisection and 100,000
rows cost one loop. Nothing recurses, so depth costs nothing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from trigdash.model.trace import PreOrder


class Outline(PreOrder):
    """A tree and what its viewer folded away or looked for."""

    def __init__(
        self, depth: Sequence[int], parent: Sequence[int], subtree_end: Sequence[int]
    ) -> None:
        self.depth = depth
        self.parent = parent
        self.subtree_end = subtree_end
        self.text = ""
        """What is looked for, case folded. Where there are matches only they and what is above
        them are shown."""
        self.matches: list[int] = []
        """Rows with the text, in order, hidden ones left out."""
        self._folded = bytearray(len(depth))
        self._shown: array[int] | None = None

    # What subclasses say

    def find(self, text: str) -> Iterable[int]:
        """Rows with a case-folded text, in order."""
        raise NotImplementedError

    def is_hidden(self, row: int) -> bool:
        """Whether a row and all below it are left out."""
        return False

    # What is shown

    @property
    def is_narrowed(self) -> bool:
        """Whether a search leaves rows out. One without a match leaves all where they are."""
        return bool(self.text and self.matches)

    @property
    def shown(self) -> "array[int]":
        """The rows to show, in order."""
        if self._shown is None:
            self._shown = self._searched() if self.is_narrowed else self.unfolded()
        return self._shown

    def changed(self) -> None:
        """What is hidden or what there is to find has changed."""
        if self.text:
            self.matches = list(self.find(self.text))
        self._shown = None

    def index_of(self, row: int) -> int:
        """The place of a row among the shown ones; of the nearest above where it is hidden."""
        at = bisect_left(self.shown, row)
        if at < len(self.shown) and self.shown[at] == row:
            return at
        return max(at - 1, 0)

    def can_fold(self, row: int) -> bool:
        """Whether the row has something to fold or unfold."""
        return any(not self.is_hidden(child) for child in self.children(row))

    def unfolded(self) -> "array[int]":
        """The rows that no fold hides."""
        end, folded = self.subtree_end, self._folded
        shown = array("i")
        row, count = 0, len(self.depth)
        while row < count:
            shown.append(row)
            row = end[row] if folded[row] else row + 1
        return shown

    def _searched(self) -> "array[int]":
        """Matches and all above them; folding does not hide what was looked for."""
        parent = self.parent
        keep = bytearray(len(self.depth))
        for match in self.matches:
            row = match
            while row >= 0 and not keep[row]:
                keep[row] = 1
                row = parent[row]
        return array("i", (row for row, kept in enumerate(keep) if kept))

    # Folding

    def is_folded(self, row: int) -> bool:
        """Whether the rows below a row are folded away."""
        return bool(self._folded[row]) and not self.is_narrowed

    def fold(self, row: int) -> int:
        """Fold a row, or where there is nothing to fold go to its parent; the row to go to."""
        if self.is_narrowed or self._folded[row] or not self.can_fold(row):
            parent = self.parent[row]
            return parent if parent >= 0 else row
        self._folded[row] = 1
        self._shown = None
        return row

    def unfold(self, row: int) -> int:
        """Unfold a row, or where it is open go to its first child; the row to go to."""
        if self._folded[row] and not self.is_narrowed:
            self._folded[row] = 0
            self._shown = None
            return row
        at = self.index_of(row) + 1
        if at < len(self.shown) and self.parent[self.shown[at]] == row:
            return self.shown[at]
        return row

    def toggle(self, row: int) -> None:
        """Fold an open row, unfold a folded one."""
        if self.can_fold(row) and not self.is_narrowed:
            self._folded[row] ^= 1
            self._shown = None

    def fold_to(self, level: int) -> None:
        """Show this many levels below the root."""
        end = self.subtree_end
        self._folded = bytearray(
            depth >= level and end[row] > row + 1 for row, depth in enumerate(self.depth)
        )
        self._shown = None

    def unfold_all(self) -> None:
        """Show every level."""
        self._folded = bytearray(len(self.depth))
        self._shown = None

    def folded_below(self, row: int) -> int:
        """How many rows a folded row hides."""
        return self.subtree_end[row] - row - 1

    def reveal(self, row: int) -> None:
        """Make a row shown: unfold what is above it, and give up a search that hides it."""
        for above in self.ancestors(row):
            self._folded[above] = 0
        self._shown = None
        if self.is_narrowed and self.shown[self.index_of(row)] != row:
            self.search("")

    # Looking for text

    def search(self, text: str) -> None:
        """Show only rows with this text, ignoring case, and their ancestors; all rows for "" or
        without a match."""
        self.show_found(text, self.found(text))

    def found(self, text: str) -> list[int]:
        """The rows with a text, case ignored. Changes nothing, so that a thread may ask."""
        return list(self.find(text.casefold())) if text else []

    def show_found(self, text: str, matches: list[int]) -> None:
        """Show only the rows that `found` gave for a text, and the rows above them."""
        self.text, self.matches = text.casefold(), matches
        self._shown = None

    def next_match(self, row: int, step: int) -> int | None:
        """The next match after (1) or before (-1) a row, round the end; None without matches."""
        return next_of(self.matches, row, step)

    def match_number(self, row: int) -> int:
        """1 for the first match, and so on; 0 if the row is not a match."""
        at = bisect_left(self.matches, row)
        return at + 1 if at < len(self.matches) and self.matches[at] == row else 0


def next_of(rows: Sequence[int], row: int, step: int) -> int | None:
    """The first of some ascending rows after (1) or before (-1) a row, round the end."""
    if not rows:
        return None
    at = bisect_left(rows, row + 1) if step > 0 else bisect_left(rows, row) - 1
    return rows[at % len(rows)]


def highlighted(text: str, needle: str) -> Iterator[tuple[str, bool]]:
    """A text in parts, each with whether it is what was looked for (case folded)."""
    folded = text.casefold()
    # Folding may lengthen a text (ß); such a text is left alone.
    at = folded.find(needle) if needle and len(folded) == len(text) else -1
    start = 0
    while at >= 0:
        if at > start:
            yield text[start:at], False
        start = at + len(needle)
        yield text[at:start], True
        at = folded.find(needle, start)
    if start < len(text) or not text:
        yield text[start:], False
