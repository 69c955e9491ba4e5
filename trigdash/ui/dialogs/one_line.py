"""Dialogs answered with one typed line: a limit, a moment. They explain it as it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.model.queue import Queue
from trigdash.presentation.cell import Cell
from trigdash.presentation.moment import Moment, NotAMoment, hint, moment
from trigdash.ui.dialogs.choice import Choice, Choices, Entry
from trigdash.ui.dialogs.dialog import Dialog, EnvironmentLabel, facts

T = TypeVar("T")


class OneLineDialog(Dialog[T], Generic[T]):
    """Asks for a line; gives what it means, as soon as it means something."""

    AUTO_FOCUS = "Entry"
    ASKED: ClassVar[str]
    """The label of the input."""
    ACT: ClassVar[str]
    """The label of the choice that acts."""

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
        lines: Sequence[Cell],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, opened_by=opened_by)
        self._lines = lines

    def entry(self) -> Entry:
        """The line to type in."""
        raise NotImplementedError

    def read(self, typed: str) -> T | str:
        """What a line means, or why it means nothing."""
        raise NotImplementedError

    def effect(self, meant: T) -> Sequence[Cell]:
        """What will happen, in words."""
        raise NotImplementedError

    @override
    def compose_frame(self) -> Iterable[Widget]:
        yield Static(self.lines(self._lines), classes="said")
        yield Static(self.lines([((self.ASKED, "dim"),)]), classes="hint")
        yield self.entry()
        yield Static(classes="hint", id="meaning")
        yield Choices(
            Choice("no", "leave it", key="esc"),
            Choice("yes", self.ACT, key="enter", dangerous=self.place.production),
        )

    def on_mount(self) -> None:
        self.show_meaning()

    def show_meaning(self) -> None:
        """Say what the line means now."""
        typed = self.query_one(Entry).value
        meant = self.read(typed)
        self.query_one(".choice.-yes", Choice).disabled = isinstance(meant, str)
        if isinstance(meant, str):
            self.set_lines("#meaning", [((meant, "warn" if typed.strip() else "faint"),)])
        else:
            self.set_lines("#meaning", self.effect(meant))

    def on_input_changed(self) -> None:
        self.show_meaning()

    def _answer_if_read(self) -> None:
        meant = self.read(self.query_one(Entry).value)
        if not isinstance(meant, str):
            self.answer(meant)

    def on_input_submitted(self) -> None:
        self._answer_if_read()

    def on_choice_chosen(self, event: Choice.Chosen) -> None:
        if event.answer == "no":
            self.answer(None)
        else:
            self._answer_if_read()


SERVER_MAXIMUM = 100_000
"""What the endpoint takes at most where the environment's own limit is not known."""


class OverrideLimitDialog(OneLineDialog[int]):
    """Asks for a limit; shows the one in force, the declared one and the highest allowed."""

    ASKED = "new limit"
    ACT = "override"

    def __init__(
        self,
        place: EnvironmentLabel,
        queue: Queue,
        maximum: int | None,
        *,
        opened_by: str | None = None,
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
            ("limit in force", _limit_label(queue.concurrency_limit)),
            ("declared in code", _limit_label(base)),
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
    before = _limit_label(queue.concurrency_limit)
    said: Cell = ((f"{before} → ", "dim"), (f"{limit:,}", "strong"))
    if limit == 0:
        return (*said, ("  nothing will start until it is changed", "warn-strong"))
    if queue.running > limit:
        return (*said, (f"  {queue.running} run now; none is stopped", "warn"))
    return said


def _limit_label(limit: int | None) -> str:
    return "none of its own" if limit is None else f"{limit:,}"


class RescheduleDialog(OneLineDialog[Moment]):
    """Asks for a moment; shows it in local time and UTC before anything is sent."""

    ASKED = "start it"
    ACT = "reschedule"

    def __init__(
        self,
        title: str,
        place: EnvironmentLabel,
        lines: Sequence[Cell],
        now: Callable[[], datetime],
        *,
        opened_by: str | None = None,
    ) -> None:
        super().__init__(title, place, lines, opened_by=opened_by)
        self._now = now

    @override
    def on_mount(self) -> None:
        # What a phrase such as 10m means moves with the clock. (Textual calls the base's, too.)
        self.set_interval(1.0, self.show_meaning)

    @override
    def entry(self) -> Entry:
        return Entry(placeholder=hint(self._now()))

    @override
    def read(self, typed: str) -> Moment | str:
        try:
            return moment(typed, self._now())
        except NotAMoment as problem:
            return str(problem)

    @override
    def effect(self, meant: Moment) -> Sequence[Cell]:
        local = meant.local()
        return [
            (("local  ", "dim"), (f"{local:%a %Y-%m-%d %H:%M:%S} {local:%Z}", "strong")),
            (("utc    ", "dim"), (f"{meant.at:%a %Y-%m-%d %H:%M:%S}", "text")),
        ]
