"""Where the lines of a `LineList` come from."""

from typing import Protocol

from trigdash.ui.cells.cell import Cell


class LineSource(Protocol):
    """Makes lines when they are drawn, however many there are."""

    def __len__(self) -> int: ...

    def line(self, index: int, width: int) -> Cell:
        """One line; longer than `width` it is cut or wrapped."""
        ...


class NoLines:
    """A source that has nothing."""

    def __len__(self) -> int:
        return 0

    def line(self, index: int, width: int) -> Cell:
        return ()
