"""Every key of a screen, made from the same table that binds them; what is typed narrows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.presentation.cell import EMPTY, Cell, cell_text, cell_width, wrap_cell
from trigdash.presentation.legend import LEGEND
from trigdash.service.filters.conditions import COMPARED
from trigdash.service.filters.fields import FIELDS, supports
from trigdash.ui.dialogs.choice import Entry
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.commands import COMMANDS
from trigdash.ui.input.keys import GROUPS, Key, bindings, display, keymap, stand_in
from trigdash.ui.lifecycle import FramedModal

if TYPE_CHECKING:
    from trigdash.service.session import Session

KEY_WIDTH = 20
WIDTH = 76
"""Columns of the dialog, where there are so many."""
_BORDERS = 2 + 4 + 2
"""What frame, padding and scroll bar take of it."""

Section = tuple[str, Sequence[Cell]]


_FILTER_FORMS = (
    ("task:send* tag:vip*", "* stands for anything"),
    ("-task: -tag: -status:", "all but these; also -version: and -region:"),
    ("status:bad status:live", "what ended badly, what has not ended"),
    ("any other word", "is looked for in what is loaded"),
)
"""What a filter line supports besides fields."""


class HelpScreen(FramedModal[None]):
    """Keys by group, the legend, the fields of the filter, and the commands."""

    DEFAULT_CSS = f"""
    HelpScreen > Vertical {{ width: {WIDTH}; height: 92%; border-subtitle-color: $role-faint; }}
    HelpScreen VerticalScroll {{ height: 1fr; scrollbar-size: 1 1; }}
    HelpScreen Input {{ dock: top; border: none; height: 1; padding: 0 1; margin: 0 0 1 0;
        background: $ground-selected; }}
    HelpScreen Input:focus {{ border: none; background-tint: $foreground 0%; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("help")
    AUTO_FOCUS: ClassVar[str | None] = "Entry"

    def __init__(
        self,
        groups: Sequence[str],
        session: Session,
        legend: Sequence[str] = ("bar", "colors"),
        own: Sequence[Key] = (),
    ) -> None:
        super().__init__()
        self._own = own
        self._groups = groups
        self._legend = legend
        self._changed = keymap(session.settings.keys)
        self._missing = session.disabled_reason
        self._narrowing = session.settings.supported_filters

    @override
    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = Content("help")
            frame.border_subtitle = Content("type to search · ↑ ↓ scroll · esc closes")
            # A question mark is no part of what is looked for: it closes the help again.
            yield Entry(placeholder="search keys, marks, filters and commands", restrict="[^?]*")
            with VerticalScroll(can_focus=False):
                yield Static(id="help-lines")

    def on_resize(self) -> None:
        self._show()

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._show()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def _show(self) -> None:
        """Descriptions that are too long for the width are wrapped below their start."""
        room = min(WIDTH, self.size.width * 96 // 100) - _BORDERS
        indent = KEY_WIDTH + 2
        wanted = self.query_one(Entry).value
        lines = (row for line in self.lines(wanted) for row in wrap_cell(line, room, indent=indent))
        self.query_one("#help-lines", Static).update(to_text(self.app, lines))

    def lines(self, wanted: str = "") -> Iterable[Cell]:
        """The lines of the help; with search words, only the lines that contain them all."""
        words = wanted.lower().split()
        found = False
        for title, lines in self._sections():
            listed = [line for line in lines if _has(f"{title} {cell_text(line)}", words)]
            if listed:
                found = True
                yield from (((title.upper(), "title"),), *listed, EMPTY)
        if not found:
            yield ((f"nothing here has {wanted!r}; esc shows all", "dim"),)

    def _sections(self) -> Iterator[Section]:
        """The keys of what is in front first, then those of the screen, then everywhere."""
        yield "actions", list(map(self._key_line, self._own))
        for group in self._groups:
            yield group, list(map(self._key_line, GROUPS[group]))
        for name in self._legend:
            yield f"marks: {name}", [_legend_line(mark, words) for mark, words in LEGEND[name]]
        fields = [self._field_line(name, words) for name, words in FIELDS.items()]
        fields += [self._field_line(name, words) for name, words in COMPARED.items()]
        fields += [_entry(typed, meaning) for typed, meaning in _FILTER_FORMS]
        yield "filter", fields
        yield (
            "commands",
            [
                _entry(f":{each.name}{f' <{each.takes}>' if each.takes else ''}", each.help)
                for each in COMMANDS
            ],
        )

    def _field_line(self, name: str, words: str) -> Cell:
        if supports(self._narrowing, name):
            return _entry(f"{name}:", words)
        return _entry(f"{name}:", "", f"{self._narrowing.system} cannot filter by it")

    def _key_line(self, listed: Key) -> Cell:
        key = stand_in(listed, self._missing)
        keys = self._changed.get(key.id, key.keys).split(",")
        reason = self._missing(key.needs) if key.needs else ""
        return _entry(" ".join(map(display, keys)), key.help or key.words, reason)

    def action_clear_or_close(self) -> None:
        """Show all again, or close the help."""
        entry = self.query_one(Entry)
        if entry.value:
            entry.value = ""
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text.lower() for word in words)


def _legend_line(mark: Cell, words: str) -> Cell:
    gap = " " * max(KEY_WIDTH - cell_width(mark), 1)
    return (("  ", "text"), *mark, (gap, "text"), (words, "text"))


def _entry(key: str, words: str, reason: str = "") -> Cell:
    """A key and what it does, or why it does nothing here."""
    if reason:
        said = ": ".join(filter(None, (words, reason)))
        return ((f"  {key:<{KEY_WIDTH}}{said}", "faint"),)
    return ((f"  {key:<{KEY_WIDTH}}", "key"), (words, "text"))
