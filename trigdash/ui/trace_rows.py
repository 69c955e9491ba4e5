"""What of a trace is shown: folded, searched, without the engine's lines. Pure, no terminal.

Rows are numbers into the trace's columns; the shown ones are one ascending array, so that finding
a row among them is a bisection and 100,000 spans cost one loop.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from trigdash.model.span_kind import SpanFlag, SpanKind
from trigdash.model.trace import Trace

_ENGINE, _ERROR = SpanKind.ENGINE.value, SpanFlag.ERROR.value


class TraceRows:
    """A trace and what its viewer did to it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.shows_engine = False
        """Whether the engine's own lines are shown."""
        self.text = ""
        """What is looked for; only matches and what is above them are shown."""
        self.matches: list[int] = []
        """Rows with the text, in order, hidden engine lines left out."""
        self._folded = bytearray(len(trace))
        self._shown: array[int] | None = None

    @property
    def shown(self) -> "array[int]":
        """The rows to show, in order."""
        if self._shown is None:
            self._shown = self._searched() if self.text else self._unfolded()
        return self._shown

    @property
    def hidden_engine_lines(self) -> int:
        """How many lines of the engine are not shown."""
        return 0 if self.shows_engine else self.trace.kind.count(_ENGINE)

    def replace(self, trace: Trace) -> None:
        """Show a newer trace of the same run; spans stay folded as they were."""
        folded = {self.trace.ids[row] for row, shut in enumerate(self._folded) if shut}
        self.trace = trace
        self._folded = bytearray(span_id in folded for span_id in trace.ids)
        if self.text:
            self._match()
        self._shown = None

    def index_of(self, row: int) -> int:
        """The place of a row among the shown ones; of the nearest above where it is hidden."""
        at = bisect_left(self.shown, row)
        if at < len(self.shown) and self.shown[at] == row:
            return at
        return max(at - 1, 0)

    # Folding

    def is_folded(self, row: int) -> bool:
        """Whether the spans below a row are folded away."""
        return bool(self._folded[row]) and not self.text

    def fold(self, row: int) -> int:
        """Fold a span, or where there is nothing to fold go to its parent; the row to go to."""
        if self.text or self._folded[row] or not self._has_shown_children(row):
            parent = self.trace.parent[row]
            return parent if parent >= 0 else row
        self._folded[row] = 1
        self._shown = None
        return row

    def unfold(self, row: int) -> int:
        """Unfold a span, or where it is open go to its first child; the row to go to."""
        if self._folded[row] and not self.text:
            self._folded[row] = 0
            self._shown = None
            return row
        at = self.index_of(row) + 1
        if at < len(self.shown) and self.trace.parent[self.shown[at]] == row:
            return self.shown[at]
        return row

    def fold_to(self, level: int) -> None:
        """Show this many levels below the root."""
        end = self.trace.subtree_end
        self._folded = bytearray(
            depth >= level and end[row] > row + 1 for row, depth in enumerate(self.trace.depth)
        )
        self._shown = None

    def unfold_all(self) -> None:
        """Show every level."""
        self._folded = bytearray(len(self.trace))
        self._shown = None

    def folded_below(self, row: int) -> int:
        """How many spans a folded row hides."""
        return self.trace.subtree_end[row] - row - 1

    def reveal(self, row: int) -> None:
        """Make a row shown: unfold what is above it, and give up a search that hides it."""
        if self.trace.kind[row] == _ENGINE:
            self.shows_engine = True
        for above in self.trace.ancestors(row):
            self._folded[above] = 0
        self._shown = None
        if self.text and self.shown[self.index_of(row)] != row:
            self.search("")

    def toggle_engine(self) -> None:
        """Show or hide the engine's own lines."""
        self.shows_engine = not self.shows_engine
        if self.text:
            self._match()
        self._shown = None

    # Looking for text and errors

    def search(self, text: str) -> None:
        """Show only spans with this text, case ignored, and the spans above them; "" for all."""
        self.text = text.casefold()
        self._match()
        self._shown = None

    def next_match(self, row: int, step: int) -> int | None:
        """The next match after (1) or before (-1) a row, round the end; None without matches."""
        return _next(self.matches, row, step)

    def next_error(self, row: int, step: int = 1) -> int | None:
        """The next span that went wrong, round the end; None when nothing did."""
        flags = self.trace.flags
        wrong = [at for at, flag in enumerate(flags) if flag & _ERROR]
        return _next(wrong, row, step)

    def place_of_match(self, row: int) -> int:
        """1 for the first match, and so on; 0 when the row is none."""
        at = bisect_left(self.matches, row)
        return at + 1 if at < len(self.matches) and self.matches[at] == row else 0

    def _match(self) -> None:
        text, kind = self.text, self.trace.kind
        found = (row for row, folded in enumerate(self.trace.folded_messages) if text in folded)
        if not text:
            self.matches = []
        elif self.shows_engine:
            self.matches = list(found)
        else:
            self.matches = [row for row in found if kind[row] != _ENGINE]

    # What is shown

    def _unfolded(self) -> "array[int]":
        end, kind, folded = self.trace.subtree_end, self.trace.kind, self._folded
        hides_engine = not self.shows_engine
        shown = array("i")
        row, count = 0, len(self.trace)
        while row < count:
            if hides_engine and kind[row] == _ENGINE:
                row = end[row]
                continue
            shown.append(row)
            row = end[row] if folded[row] else row + 1
        return shown

    def _searched(self) -> "array[int]":
        """Matches and all above them; folding does not hide what was looked for."""
        parent = self.trace.parent
        keep = bytearray(len(self.trace))
        for match in self.matches:
            row = match
            while row >= 0 and not keep[row]:
                keep[row] = 1
                row = parent[row]
        return array("i", (row for row, kept in enumerate(keep) if kept))

    def _has_shown_children(self, row: int) -> bool:
        if not self.trace.is_parent(row):
            return False
        children: Iterable[int] = self.trace.children(row)
        return self.shows_engine or any(self.trace.kind[at] != _ENGINE for at in children)

    def has_mark(self, row: int) -> bool:
        """Whether the row has something to fold or unfold."""
        return self._has_shown_children(row)


def _next(rows: list[int], row: int, step: int) -> int | None:
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
