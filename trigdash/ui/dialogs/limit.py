"""How many runs of a queue may run at once, until the override is removed."""

from collections.abc import Sequence

from typing_extensions import override

from trigdash.model.queue import Queue
from trigdash.ui.cells import Cell
from trigdash.ui.dialogs.entry import Entry
from trigdash.ui.dialogs.lines import facts
from trigdash.ui.dialogs.one_line import OneLine
from trigdash.ui.dialogs.place import Place

SERVER_MAXIMUM = 100_000
"""What the endpoint takes at most where the environment's own limit is not known."""


class OverrideLimit(OneLine[int]):
    """Asks for a limit; shows the one in force, the declared one and the highest allowed."""

    ASKED = "new limit"
    ACT = "override"

    def __init__(
        self, place: Place, queue: Queue, maximum: int | None, *, opened_by: str | None = None
    ) -> None:
        title, lines = f"Override the limit of {queue.name}", limit_facts(queue, maximum)
        super().__init__(title, place, lines, opened_by=opened_by)
        self._queue = queue
        self._maximum = maximum

    @override
    def entry(self) -> Entry:
        return Entry(max_length=40, placeholder="runs at once")

    @override
    def read(self, typed: str) -> int | str:
        return read_limit(typed, self._queue, self._maximum)

    @override
    def effect(self, meant: int) -> Sequence[Cell]:
        return [limit_meaning(self._queue, meant)]


def limit_facts(queue: Queue, maximum: int | None) -> list[Cell]:
    """Who limits the queue, and how far that may go."""
    concurrency = queue.concurrency
    overridden = concurrency.override is not None
    base = concurrency.base if overridden else queue.concurrency_limit
    return facts(
        [
            ("queue", queue.name),
            ("now", f"{queue.running} running, {queue.queued:,} queued"),
            ("limit in force", _limit_words(queue.concurrency_limit)),
            ("declared in code", _limit_words(base)),
            ("override", str(concurrency.override) if overridden else "none"),
            ("allowed maximum", f"{maximum:,}" if maximum else "the environment's, not known here"),
        ]
    )


def read_limit(typed: str, queue: Queue, maximum: int | None) -> int | str:
    """The limit typed, or why it cannot be."""
    text = typed.strip()
    if not text:
        return "a number, 0 stops the queue"
    if not text.isascii() or not text.isdigit():
        return "a whole number, please"
    limit = int(text)
    highest = maximum if maximum is not None else SERVER_MAXIMUM
    if limit > highest:
        return f"the environment allows at most {highest:,}"
    if limit == queue.concurrency.override:
        return "the override is that already"
    return limit


def limit_meaning(queue: Queue, limit: int) -> Cell:
    """What a new limit will do."""
    before = _limit_words(queue.concurrency_limit)
    said: Cell = ((f"{before} → ", "dim"), (f"{limit:,}", "strong"))
    if limit == 0:
        return (*said, ("  nothing will start until it is changed", "warn-strong"))
    if queue.running > limit:
        return (*said, (f"  {queue.running} run now; none is stopped", "warn"))
    return said


def _limit_words(limit: int | None) -> str:
    return "none of its own" if limit is None else f"{limit:,}"
