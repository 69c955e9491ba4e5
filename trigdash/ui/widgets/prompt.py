"""An input line with completion, history and a word on what is wrong; for `/` and for `:`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input
from typing_extensions import override

from trigdash.presentation.cell import Cell
from trigdash.service.filters.completion import Completion
from trigdash.ui.input.keys import bindings


def paste(line: Input, text: str) -> None:
    """Paste several lines as one. What is left out is said."""
    words = "".join(c for c in " ".join(text.split()) if c.isprintable())
    start, end = sorted(line.selection)
    room = len(words)
    if line.max_length:
        room = max(line.max_length - len(line.value) + end - start, 0)
    before = line.value
    line.replace(words[:room], start, end)
    if words and line.value == before:
        _warn(line, "this cannot be pasted here")
    elif len(words) > room:
        _warn(line, f"only {room:,} of {len(words):,} pasted characters fit here")


def _warn(line: Input, words: str) -> None:
    line.app.notify(words, severity="warning", markup=False)


MAX_LENGTH = 2_000
"""More than this was pasted by mistake."""

Complete = Callable[[str, int], Completion]
Check = Callable[[str], str | None]
"""What is wrong with a line, in words; None when nothing is."""


class Prompt(Input):
    """One line to edit. `tab` goes through the completions, `up` and `down` through the history.

    Says `Done` with a valid line, `Left` when it is left as it was, `Hinted` with a hint: what is
    wrong, or what may come next.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("prompt")
    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        border: none; height: 1; padding: 0; width: 1fr;
        background: $background; background-tint: $foreground 0%;
    }
    """

    class Done(Message):
        """A valid line was entered."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Left(Message):
        """The line was left without entering it."""

    class Hinted(Message):
        """There is a hint for the line."""

        def __init__(self, hint: Cell) -> None:
            super().__init__()
            self.hint = hint

    def __init__(self, complete: Complete, check: Check, *, id: str | None = None) -> None:
        super().__init__(id=id, max_length=MAX_LENGTH, select_on_focus=False)
        self.cursor_blink = False
        self._complete = complete
        self._check = check
        self._offered: Completion | None = None
        """Candidates that `tab` goes through; None when the line was edited since."""
        self._at = -1
        self._completed: str | None = None
        """The line as the last completion left it."""
        self._history: Sequence[str] = ()
        self._back = 0
        """Steps back in the history; 0 is the line being typed."""
        self._typed = ""

    def start_editing(self, line: str, history: Sequence[str] = ()) -> None:
        """Edit a line; `history` is oldest first."""
        self._history, self._back, self._typed = history, 0, line
        self.value = line
        self.cursor_position = len(line)
        self._offered = None
        self.screen.set_focus(self)
        self._hint()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._completed:
            self._offered = None
            self._hint()

    @override
    async def action_submit(self) -> None:
        """Enter the line, unless something is wrong with it."""
        problem = self._check(self.value)
        if problem is None:
            self._drop_message(self.Done(self.value.strip()))
        else:
            self._show_problem(problem)

    def action_leave(self) -> None:
        """Leave as it was."""
        self._drop_message(self.Left())

    def _drop_message(self, message: Message) -> None:
        self.screen.set_focus(None)
        self.post_message(message)

    def action_complete(self) -> None:
        """Put in the next candidate."""
        self._cycle(1)

    def action_complete_back(self) -> None:
        """Put in the candidate before."""
        self._cycle(-1)

    def action_older(self) -> None:
        """Bring back the line before."""
        self._recall(self._back + 1)

    def action_newer(self) -> None:
        """Bring back the line after."""
        self._recall(self._back - 1)

    def _recall(self, back: int) -> None:
        if not 0 <= back <= len(self._history):
            return
        if self._back == 0:
            self._typed = self.value
        self._back = back
        self.value = self._history[-back] if back else self._typed
        self.cursor_position = len(self.value)

    def _cycle(self, step: int) -> None:
        if self._offered is None:
            self._offered = self._complete(self.value, self.cursor_position)
            self._at = -1 if step > 0 else 0
        offered = self._offered
        if not offered.candidates:
            self._offered = None
            return
        self._at = (self._at + step) % len(offered.candidates)
        candidate = offered.candidates[self._at]
        tail = self.value[offered.end :]
        self._completed = self.value[: offered.start] + candidate + tail
        self.value = self._completed
        self._offered = Completion(
            offered.start, offered.start + len(candidate), offered.candidates
        )
        self.cursor_position = self._offered.end
        if len(offered.candidates) == 1:
            self._offered = None
        self._hint()

    def _hint(self) -> None:
        offered = self._offered or self._complete(self.value, self.cursor_position)
        at = self._at if self._offered else -1
        candidates = offered.candidates[max(at, 0) :]
        hint: list[tuple[str, str]] = []
        for index, candidate in enumerate(candidates):
            role = "accent" if index == 0 and at >= 0 else "faint"
            hint += [(candidate, role), ("  ", "faint")]
        self.post_message(self.Hinted((("tab ", "key"), *hint) if hint else ()))

    def _show_problem(self, problem: str) -> None:
        self.post_message(self.Hinted(((problem, "bad"),)))

    @override
    def _on_paste(self, event: events.Paste) -> None:
        """Paste only what fits in one line."""
        event.prevent_default()
        event.stop()
        paste(self, event.text)
