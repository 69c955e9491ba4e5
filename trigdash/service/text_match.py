"""Free text against loaded rows: every word must occur somewhere in what a list shows of a run.

This module is imported before the first frame: standard library and light modules only.
"""

from collections.abc import Sequence

from trigdash.model.run_row import RunRow

SPARE = 1_000
"""Rows more than twice those of the list are remembered before those that left are forgotten."""


class TextMatch:
    """Decides which rows contain all words, and remembers it, so that a poll costs little."""

    def __init__(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self._known: dict[str, tuple[RunRow, bool]] = {}

    def matches(self, row: RunRow) -> bool:
        """Whether a row contains every word, letter case aside."""
        known = self._known.get(row.id)
        if known is not None and known[0] is row:
            return known[1]
        found = self._search(row)
        self._known[row.id] = (row, found)
        return found

    def narrow(self, rows: Sequence[RunRow]) -> list[RunRow]:
        """The matching rows in their order; all of them when there are no words."""
        if not self._words:
            return list(rows)
        found = [row for row in rows if self.matches(row)]
        if len(self._known) > 2 * len(rows) + SPARE:
            # A day goes by over a list that lets its oldest rows go.
            self._known = {row.id: self._known[row.id] for row in rows}
        return found

    def _search(self, row: RunRow) -> bool:
        shown = (
            row.id,
            row.task,
            row.status.word,
            row.version or "",
            row.region or "",
            row.environment or "",
            row.idempotency_key or "",
            row.error or "",
            *row.tags,
        )
        haystack = "\n".join(shown).casefold()
        return all(word in haystack for word in self._words)
