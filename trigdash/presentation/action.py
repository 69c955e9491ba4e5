"""An action on a row, declared once: a key of the dashboard and a verb of the command line. Both
faces prompt, refuse, send and report from the same declaration. It sends an operation, so the
action runner alone handles read-only profiles, missing permissions, lost answers and the action
log.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from trigdash.backends.operation import Operation
from trigdash.model.capability import Capability
from trigdash.model.moment import duration_ms as duration_ms

if TYPE_CHECKING:
    from trigdash.service.actions.actions import Actions
    from trigdash.service.actions.outcome import Made, Outcome
    from trigdash.service.actions.verification import Verify
    from trigdash.service.variables import Change

R = TypeVar("R")

Values = Mapping[str, Any]
"""The values of an action's inputs, by name; missing ones are absent."""


@dataclass(frozen=True)
class ActionInput(Generic[R]):
    """One input of an action: a line of the form, a flag of the command."""

    name: str
    """The name of the flag: `cron` is `--cron`."""
    label: str
    """The label of the input: "cron expression, such as 0 9 * * 1-5"."""
    read: Callable[[str], Any] = str
    """The value of a text. Raises ValueError with a message."""
    start: Callable[[R], str] | None = None
    """The initial text of the line."""
    is_required: bool = False
    is_long: bool = False
    """Whether it can have several lines, such as JSON."""


@dataclass(frozen=True)
class ActionSpec(Generic[R]):
    """One action of a resource."""

    name: str
    """The verb of the command: "activate"."""
    key: str
    """The key of the dashboard; empty if only the command line offers it."""
    title: str
    """The text of the dialog and button: "Activate"."""
    needs: Capability
    operation: Callable[[R, Values], Operation[Any]]
    """The operation to send. The row is None for an action on the list itself."""
    done: Callable[[Any], str]
    """The message for the answer: "activated"."""
    consequence: Callable[[R, Values], str]
    """What will happen, in one sentence, for the confirmation."""
    inputs: tuple[ActionInput[R], ...] = ()
    problem: Callable[[Values], str] = lambda values: ""
    """Why the values are invalid together, in words; empty when they are valid."""
    disabled_reason: Callable[[R], str] = lambda row: ""
    """Why the action is not possible on a row, in words; empty when it is."""
    on_list: bool = False
    """Whether it acts on the list and not on a row, such as creating a row."""
    makes_run: bool = False
    """Whether the answer is a new run."""
    made: Callable[[Any, Values], Made] | None = None
    """What it created, from the answer: a run, or a row of the list."""
    shows: Callable[[R, Values], bool] | None = None
    """Whether the present row shows that the action took effect, for when its answer was lost. For
    an action on the list: whether a row is the one that it created."""
    removes: bool = False
    """Whether the action removes the row."""
    verify: Callable[[R, Values], Verify] | None = None
    """How to check the effect if no row of the list shows it."""
    preview: Callable[[Sequence[R], Values], Sequence[Change]] | None = None
    """What it changes among the loaded rows, line by line."""
    perform: Callable[[Actions, Values], Awaitable[Outcome]] | None = None
    """Performs the action if it takes several requests; then `operation` is not sent."""
    is_verb: bool = True
    """Whether this declaration makes a command; False if the command line has a fuller form."""

    def made_by(self, values: Values) -> Callable[[Any], Made] | None:
        """Reads from the answer what was created, for these values; None for an action that creates
        nothing."""
        make = self.made
        return None if make is None else lambda answer: make(answer, values)

    def label(self, noun: str) -> str:
        """For the footer and help: "activate"."""
        return self.name.replace("-", " ") if not self.on_list else f"{self.name} {noun}"


def pause_actions(
    needs: Capability,
    operation: Callable[[R, bool], Operation[Any]],
    stops: Callable[[R], str],
    starts: Callable[[R], str],
    why_not: Callable[[R], str] = lambda row: "",
) -> tuple[ActionSpec[R], ActionSpec[R]]:
    """The actions pause and resume for rows with `paused`. `operation` gets the row and whether to
    pause it, `stops` and `starts` say what will happen, and `why_not` says why neither is possible
    on a row."""

    def one(paused: bool) -> ActionSpec[R]:
        name = "pause" if paused else "resume"

        def disabled_reason(row: R) -> str:
            is_there = getattr(row, "paused", None) is paused
            already = f"it is {'paused' if paused else 'not paused'} already"
            return why_not(row) or (already if is_there else "")

        return ActionSpec(
            name,
            "P" if paused else "O",
            name.capitalize(),
            needs,
            operation=lambda row, values: operation(row, paused),
            done=lambda answer: f"{name}d",
            shows=lambda row, values: getattr(row, "paused", None) is paused,
            consequence=lambda row, values: stops(row) if paused else starts(row),
            disabled_reason=disabled_reason,
        )

    return one(paused=True), one(paused=False)


def read_input(each: ActionInput[Any], text: str) -> Any:
    """The typed value of an input; None for an empty one. Raises ValueError with a message."""
    if text.strip():
        return each.read(text.strip())
    if each.is_required:
        raise ValueError(f"{each.label} is needed")
    return None


def whole(text: str) -> int:
    """A whole number of 0 or more. Raises ValueError with a message."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("a whole number, 0 or more")
    return int(text)


def positive(text: str) -> float:
    """A number above 0. Raises ValueError with a message."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e15:
        raise ValueError("a number above 0")
    return number


def words(text: str) -> list[str]:
    """Words, separated by commas or blanks."""
    return [word for word in text.replace(",", " ").split() if word]


def json_text(text: str) -> Any:
    """A JSON value. Raises ValueError with a message; NaN and Infinity are not JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


MAX_FILE_BYTES = 20_000_000


def file_text(name: str) -> str:
    """The content of a file. Raises ValueError with a message."""
    from pathlib import Path

    try:
        path = Path(name).expanduser()
        if not path.is_file():
            raise ValueError(f"no file {name}")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError(f"{name} is too large")
        return path.read_text(encoding="utf-8")
    except (OSError, RuntimeError, UnicodeDecodeError) as problem:
        raise ValueError(f"cannot read {name}: {problem}") from None


def text_of(text: str, standard_input: Callable[[], str]) -> str:
    """The text of an argument: `-` is standard input, `@FILE` and the name of a file are its
    content, and anything else is the text itself. Raises ValueError with a message."""
    from pathlib import Path

    if text == "-":
        return standard_input()
    name = text.removeprefix("@")
    try:
        if text.startswith("@") or Path(name).is_file():
            return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        if text.startswith("@"):
            raise ValueError(f"cannot read {name}: {problem}") from None
    return text


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def one_of(*choices: str) -> Callable[[str], str]:
    """Makes a reader that accepts one of some words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return read
