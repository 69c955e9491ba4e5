"""Free text against loaded rows: every word must occur somewhere in what a list shows of a run.

This module is imported before the first frame: standard library and light modules only.
"""

from collections.abc import Iterable

from trigdash.model.run_row import RunRow


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

    def narrow(self, rows: Iterable[RunRow]) -> list[RunRow]:
        """The matching rows in their order; all of them when there are no words."""
        return [row for row in rows if self.matches(row)] if self._words else list(rows)

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
