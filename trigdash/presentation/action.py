"""An action on a row, declared once: a key of the dashboard and a verb of the command line.

Both faces ask, refuse, send and tell by the same declaration. What is sent is an operation, so
read-only profiles, missing rights, lost answers and the action log are the business of the action
runner alone.
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
"""What was given for the inputs of an action, by their names; absent ones are not in it."""


@dataclass(frozen=True)
class ActionInput(Generic[R]):
    """One thing that an action asks for: a line of the form, a flag of the command."""

    name: str
    """Of the flag: `cron` is `--cron`."""
    label: str
    """What it is, in words: "cron expression, such as 0 9 * * 1-5"."""
    read: Callable[[str], Any] = str
    """The value that a text means. Raises ValueError in words."""
    start: Callable[[R], str] | None = None
    """What the line holds before anything is typed."""
    is_required: bool = False
    is_long: bool = False
    """Whether it may have several lines, such as JSON."""


@dataclass(frozen=True)
class ActionSpec(Generic[R]):
    """One action of a resource."""

    name: str
    """The verb of the command: "activate"."""
    key: str
    """The key of the dashboard; empty where a command alone offers it."""
    title: str
    """What a dialog and a button say: "Activate"."""
    needs: Capability
    operation: Callable[[R, Values], Operation[Any]]
    """What is sent. The row is None for an action on the list itself."""
    done: Callable[[Any], str]
    """What happened, from the answer: "activated"."""
    consequence: Callable[[R, Values], str]
    """What will happen, in one sentence, before it is agreed to."""
    inputs: tuple[ActionInput[R], ...] = ()
    problem: Callable[[Values], str] = lambda values: ""
    """Why the values do not go together, in words; empty when they do."""
    disabled_reason: Callable[[R], str] = lambda row: ""
    """Why a row does not take it, in words; empty when it does."""
    on_list: bool = False
    """Whether it is about the list and not about a row: creating one."""
    makes_run: bool = False
    """Whether the answer is a new run."""
    made: Callable[[Any, Values], Made] | None = None
    """What it made, from the answer: a run, or a row of the list."""
    shows: Callable[[R, Values], bool] | None = None
    """Whether a row, as it is now, shows that the action took effect; asked where its answer was
    lost. For an action on the list: whether a row is the one that it made."""
    removes: bool = False
    """Whether the row is gone then."""
    verify: Callable[[R, Values], Verify] | None = None
    """How the effect is looked for where no row of the list shows it."""
    preview: Callable[[Sequence[R], Values], Sequence[Change]] | None = None
    """What it changes among the rows that are loaded, line by line."""
    perform: Callable[[Actions, Values], Awaitable[Outcome]] | None = None
    """How it is done where that takes several requests; `operation` is not sent then."""
    is_verb: bool = True
    """Whether the command line has it by this declaration; False where it has a fuller form."""

    def made_by(self, values: Values) -> Callable[[Any], Made] | None:
        """What an answer made, for these values; None for an action that makes nothing."""
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
    """Pausing and resuming what has a `paused`: `operation` takes the row and whether to pause it,
    `stops` and `starts` say what will happen, and `why_not` why a row takes neither."""

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
    """The value that was typed for an input; None for an empty one. ValueError in words."""
    if text.strip():
        return each.read(text.strip())
    if each.is_required:
        raise ValueError(f"{each.label} is needed")
    return None


def whole(text: str) -> int:
    """A whole number of 0 or more. ValueError in words."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError("a whole number, 0 or more")
    return int(text)


def positive(text: str) -> float:
    """A number above 0. ValueError in words."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e15:
        raise ValueError("a number above 0")
    return number


def words(text: str) -> list[str]:
    """Words between commas or blanks."""
    return [word for word in text.replace(",", " ").split() if word]


def json_text(text: str) -> Any:
    """A JSON value. ValueError in words; NaN and Infinity are no JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


MAX_FILE_BYTES = 20_000_000


def file_text(name: str) -> str:
    """What stands in a file. ValueError in words."""
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
    """The long text that an argument means: `-` is standard input, `@FILE` and the name of a file
    are what stands in it, and all else is itself. ValueError in words."""
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
    """A reader of one of some words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return read
