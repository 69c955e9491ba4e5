"""How many of what is loaded stand how: `all 1,284   ● 12 executing   × 37 failed`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from trigdash.model.run_row import RunRow
from trigdash.model.status import Kind, Status, status
from trigdash.ui.cells.cell import Cell, Piece
from trigdash.ui.cells.units import count
from trigdash.ui.marks import status_mark, status_role

_ORDER = (
    Kind.RUNNING,
    Kind.QUEUED,
    Kind.WAITING,
    Kind.FAILED,
    Kind.LAPSED,
    Kind.UNKNOWN,
    Kind.CANCELED,
    Kind.SUCCEEDED,
)
"""What is alive, what went wrong, what is done with."""

_QUIET = frozenset({Kind.CANCELED, Kind.SUCCEEDED})


def count_statuses(rows: Iterable[RunRow]) -> Counter[str]:
    """How many rows have each status name."""
    return Counter(row.status_name for row in rows)


def counts_cell(counts: Counter[str], complete: bool) -> Cell:
    """The counts in words; `+` after the total says that more is there than is loaded."""
    total = count(counts.total()) + ("" if complete else "+")
    pieces: list[Piece] = [(" all ", "strong on selected"), (f" {total}", "dim")]
    known = [(status(name), number) for name, number in counts.items()]
    merged: Counter[str] = Counter()
    for each, number in known:
        merged[each.word] += number
    words = {each.word: each for each, _ in known}
    for each in sorted(words.values(), key=_place):
        pieces += _count_pieces(each, merged[each.word])
    return tuple(pieces)


def _place(each: Status) -> tuple[int, str]:
    return _ORDER.index(each.kind), each.word


def _count_pieces(each: Status, number: int) -> list[Piece]:
    role = status_role(each)
    if each.kind in _QUIET:
        words = "dim"
    else:
        words = "strong" if each.kind in (Kind.FAILED, Kind.LAPSED) else "text"
    return [(f"   {status_mark(each)} ", role), (f"{count(number)} {each.word}", words)]
