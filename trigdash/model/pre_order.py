"""A tree as columns in pre-order: going about in it without recursion.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class PreOrder:
    """A tree whose row `i` has its subtree in the rows from `i` to before `subtree_end[i]`."""

    parent: Sequence[int]
    """Row of the parent; -1 for the root."""
    subtree_end: Sequence[int]

    def is_parent(self, row: int) -> bool:
        """Whether a row has rows below it."""
        return self.subtree_end[row] > row + 1

    def ancestors(self, row: int) -> Iterator[int]:
        """Rows from the parent up to the root."""
        row = self.parent[row]
        while row >= 0:
            yield row
            row = self.parent[row]

    def children(self, row: int) -> Iterator[int]:
        """Rows right below, in order."""
        child, end = row + 1, self.subtree_end[row]
        while child < end:
            yield child
            child = self.subtree_end[child]
