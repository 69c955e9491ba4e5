"""The first screen, before anything is configured. It says what is needed, and offers the ways to
continue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static
from typing_extensions import override

from trigdash.config.login import KEY_FORMS, Answers
from trigdash.config.options import ConfigError
from trigdash.presentation.cell import EMPTY, Cell
from trigdash.ui.dialogs.choice import Choice, Choices, Entry
from trigdash.ui.dialogs.dialog import to_text
from trigdash.ui.input.keys import bindings
from trigdash.ui.lifecycle import Modal

if TYPE_CHECKING:
    from trigdash.config.login import Trial

ROLES = {"ok": "good", "--": "dim", "FAILED": "bad"}
FIELDS = (
    ("address", "Server", "https://api.trigger.dev, or the address of your own server"),
    ("key", "Key", KEY_FORMS),
    ("project", "Project", "proj_…: only a token that sees several projects needs it"),
    ("name", "Name", "what to call it here, such as prod"),
)
ABOUT = (
    "trigdash shows the runs of your background jobs. It needs the address of a Trigger.dev",
    "server and a key. It asks the server before anything is saved, writes nothing to your",
    "project unless you press a capital letter and agree, and keeps the key on this machine.",
)


@dataclass(frozen=True, slots=True)
class Way:
    """How to continue."""

    kind: str = "leave"
    """`leave`, `demo`, `login` (use a login found here) or `profile` (open what was saved)."""
    name: str = ""
    """Of the login or profile."""


class ConnectScreen(Modal[Way]):
    """Asks how to connect, and is left with the way."""

    DEFAULT_CSS = """
    ConnectScreen { background: $background; align: center middle; }
    #connect {
        width: 100; max-width: 98%; height: auto; max-height: 98%; padding: 1 2;
        background: $ground-raised; border: round $role-faint; scrollbar-size: 1 1;
        border-title-color: $role-strong; border-title-style: bold;
    }
    #connect Static { height: auto; width: 1fr; }
    #connect Choice { width: auto; height: 1; }
    #connect .field { height: 1; margin: 0; }
    #connect .field Static { width: 10; color: $role-dim; }
    #connect Input { border: none; height: 1; padding: 0 1; background: $ground-selected; }
    #connect Input:focus { border: none; background-tint: $foreground 0%; }
    #form { height: auto; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("connect")

    def __init__(
        self,
        reason: str,
        logins: Sequence[str],
        start: Answers,
        try_out: Callable[[Answers], Trial],
    ) -> None:
        super().__init__()
        self._reason = reason
        self._logins = logins
        self._start = start
        self._try_out = try_out
        self._lines: list[Cell] = []
        self._saved = ""

    @override
    def compose(self) -> ComposeResult:
        with VerticalScroll(id="connect") as frame:
            frame.border_title = " connect "
            frame.can_focus = False
            yield Static(id="about")
            yield Choices(*self._choices())
            with VerticalScroll(id="form") as form:
                form.can_focus = False
                for name, label, hint in FIELDS:
                    with Horizontal(classes="field"):
                        yield Static(to_text(self.app, [((label, "dim"),)]))
                        value = getattr(self._start, name)
                        yield Entry(value, hint, password=name == "key", id=name)
            yield Choices(Choice("check", "check and save", key="enter"))
            yield Static(id="findings")

    def _choices(self) -> Sequence[Choice]:
        demo = Choice("demo", "look at the demo", key="d")
        leave = Choice("leave", "leave", key="esc")
        form = Choice("form", "enter a key", key="k")
        if self._logins:
            return Choice("login", f"use the login {self._logins[0]}"), demo, form, leave
        return form, demo, leave

    def on_mount(self) -> None:
        about: list[Cell] = [((line, "text"),) for line in ABOUT]
        about += [EMPTY, ((self._reason[:1].upper() + self._reason[1:], "warn"),)]
        self.query_one("#about", Static).update(to_text(self.app, about))
        self.query(Choice).first().focus()

    # Answers

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        match event.answer:
            case "check":
                self.check_answers()
            case "form":
                self.action_form()
            case "login":
                self._go(Way("login", self._logins[0].split(" ")[0]))
            case "demo":
                self.action_demo()
            case _:
                self.action_leave()

    def action_demo(self) -> None:
        """Look at the simulated project."""
        self._go(Way("demo"))

    def action_form(self) -> None:
        """Go to the form."""
        self.query_one("#key", Entry).focus()

    def action_leave(self) -> None:
        """Leave with nothing done."""
        self._go(Way("profile", self._saved) if self._saved else Way())

    def _go(self, way: Way) -> None:
        self.dismiss(way)

    # Checking

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.check_answers()

    @work(exclusive=True)
    async def check_answers(self) -> None:
        """Ask the server; save what holds, and say where."""
        if self._saved:
            self._go(Way("profile", self._saved))
            return
        address, key, project, name = (
            self.query_one(f"#{field}", Entry).value for field, _, _ in FIELDS
        )
        trial = self._try_out(Answers(address, key, name, project))
        self._lines = [(("asking …", "dim"),)]
        self._show()
        self._lines = []
        async for mark, words in trial.findings():
            self._lines.append(((f"{mark:<7} ", ROLES[mark]), (words, "text")))
            self._show()
        if trial.holds:
            self._save(trial)

    def _save(self, trial: Trial) -> None:
        try:
            said = trial.save()
        except ConfigError as problem:
            self._lines.append(((str(problem), "bad"),))
        else:
            self._saved = trial.name
            self._lines.append(((said, "good"),))
            button = self.query(Choice).last()
            button.set_label("open the dashboard")
            # Its place is above what was said, which is to be read first.
            button.focus(scroll_visible=False)
        self._show()

    def _show(self) -> None:
        self.query_one("#findings", Static).update(to_text(self.app, [EMPTY, *self._lines]))
        frame = self.query_one("#connect", VerticalScroll)
        self.call_after_refresh(frame.scroll_end, animate=False)
