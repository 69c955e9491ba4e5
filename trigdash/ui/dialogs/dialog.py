"""The common base of all dialogs that write: frame, environment, lines, one answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from trigdash.model.clean import clean
from trigdash.presentation.cell import Cell, clean_cell
from trigdash.ui.input.key_order import HeldKey
from trigdash.ui.input.keys import bind_alone, bindings
from trigdash.ui.lifecycle import Modal
from trigdash.ui.theme.paint import paint_of


@dataclass(frozen=True, slots=True)
class EnvironmentLabel:
    """An environment as dialogs speak of it."""

    environment: str
    """Its slug: dev, stg, prod, preview …"""
    production: bool = False
    """Framed in red; bulk actions need the count typed."""

    def title(self, doing: str) -> str:
        """`Cancel 3 runs in prod`."""
        return f"{doing} in {self.environment}" if self.environment else doing


GROUND = "raised"


def to_text(app: App[object], lines: Iterable[Cell], ground: str = GROUND) -> Text:
    """Lines of cells as one text: data in it is never read as markup."""
    paint = paint_of(app)
    text = Text(no_wrap=False)
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for piece, role in clean_cell(line):
            text.append(paint.text(piece), paint.style(role, ground))
    return text


def facts(pairs: Iterable[tuple[str, str]]) -> list[Cell]:
    """Names and values, aligned, as a dialog lists what an action is about."""
    listed = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in listed), default=0)
    return [((f"{name:<{width}}  ", "dim"), (value, "text")) for name, value in listed]


T = TypeVar("T")


@runtime_checkable
class HoldsKeys(Protocol):
    """An app that can ignore the key that was pressed last for as long as it is held."""

    def hold_last_key(self, *, heeds_quick: bool = False) -> None:
        """The last key has given an answer: held on, it does nothing else. `heeds_quick`: pressed
        a second time at once, it acts."""


class Dialog(Modal[T | None], Generic[T]):
    """A framed question. It is answered once; `None` means that nothing happens."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .frame {
        width: 84; max-width: 96%; height: auto; max-height: 94%;
        overflow-y: auto; scrollbar-size: 1 1;
        padding: 1 2; background: $ground-raised; border: round $role-faint;
        border-title-color: $role-strong; border-title-style: bold;
    }
    Dialog.-production > .frame {
        border: heavy $error; border-title-color: $production-text;
        border-title-background: $production;
    }
    Dialog .said { height: auto; width: 1fr; }
    Dialog .hint { height: auto; width: 1fr; margin: 1 0 0 0; color: $role-dim; }
    Dialog Input {
        border: none; height: 1; padding: 0 1; background: $ground-selected;
    }
    Dialog Input:focus { border: none; background-tint: $foreground 0%; }
    Dialog TextArea { border: none; height: 16; padding: 1 2; background: $ground-plain; }
    Dialog TextArea:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("question")
    AUTO_FOCUS = "Choice"

    def __init__(
        self, title: str, place: EnvironmentLabel, *, opened_by: str | None = None
    ) -> None:
        super().__init__()
        self.place = place
        self.opened_by = opened_by
        self._title = clean(place.title(title))
        self._held = HeldKey(opened_by, monotonic()) if opened_by else None
        if opened_by:
            bind_alone(self, opened_by, "swallow_held_key", priority=True)
        self.set_class(place.production, "-production")

    @override
    def compose(self) -> ComposeResult:
        frame = Vertical(*self.compose_frame(), classes="frame")
        frame.border_title = Content(f" {self._title} ")
        yield frame

    def compose_frame(self) -> Iterable[Widget]:
        """The content of the frame."""
        raise NotImplementedError

    def lines(self, lines: Iterable[Cell]) -> Text:
        """Lines as text in the styles of the theme."""
        return to_text(self.app, lines)

    def set_lines(self, selector: str, lines: Iterable[Cell]) -> None:
        """Put lines into one of the frame's texts, while it is there."""
        if self.is_alive:
            self.query_one(selector, Static).update(self.lines(lines))

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "swallow_held_key":
            held = self._held
            return held is not None and held.swallows(held.key, monotonic())
        return super().check_action(action, parameters)

    def action_swallow_held_key(self) -> None:
        """The key that opened this dialog is still held: nothing happens."""

    def action_refuse(self) -> None:
        """Leave with nothing done."""
        self.answer(None)

    def answer(self, result: T | None) -> None:
        """Close with a result. Only the first answer counts, however often its key repeats."""
        if not self.is_left:
            if result is not None:
                # A refusal may be followed by another escape at once, on what is beneath.
                self.hold_last_key()
            self.dismiss(result)

    def hold_last_key(self, *, heeds_quick: bool = False) -> None:
        """Let the key pressed last do nothing more for as long as it is held."""
        if isinstance(self.app, HoldsKeys):
            self.app.hold_last_key(heeds_quick=heeds_quick)
