"""What the app inherits: quiet crash, rest, starting actions, hints, clipboard and browser."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from time import time
from typing import TYPE_CHECKING, cast

from rich.console import Group
from rich.segment import Segments
from rich.text import Text
from textual import events, on, work
from textual._styles_cache import StylesCache
from textual.app import App
from textual.worker import WorkerFailed
from typing_extensions import override

from trigdash.model.clean import pasteable
from trigdash.presentation.cell import is_web_link
from trigdash.ui.input.key_order import KeyOrder
from trigdash.ui.input.safe_output import safe_segments

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from trigdash.service.session import Session
    from trigdash.ui.actions.controller import ActionController
    from trigdash.ui.app import TrigdashApp
    from trigdash.ui.hints import Hints
    from trigdash.ui.subject import Subject


MAX_FRAMES = 20
"""Frames at either end: rendering a deep recursion in full was measured to take a minute."""


LAST_WORDS = "trigdash stopped on an error of its own."
REPLACED = "trigdash was replaced on disk while it ran, as by an update. Start it again."
_STARTED_S = time()


def is_replaced() -> bool:
    """Whether a file of a loaded module was written, linked or removed since the start. What is
    loaded after that does not fit what is there."""
    names = (name for name in [*sys.modules] if name.partition(".")[0] == "trigdash")
    files = (getattr(sys.modules[name], "__file__", None) for name in names)
    try:
        return any(os.stat(file).st_ctime > _STARTED_S for file in files if file)
    except FileNotFoundError:
        return True


class QuietCrash(App[int]):
    """An app whose crash shows where it failed and not with what."""

    @override
    def _fatal_error(self) -> None:
        """Replaces a private method of Textual's App: it offers no public way."""
        from rich.traceback import Traceback  # slow to import, and hopefully never needed

        self.bell()
        error = self._exception or sys.exception()
        if isinstance(error, WorkerFailed):
            error = error.error
        if error is None:
            return
        traceback = Traceback.from_exception(
            type(error),
            error,
            error.__traceback__,
            show_locals=False,
            width=100,
            max_frames=MAX_FRAMES,
            suppress=["textual", "rich"],
        )
        words = REPLACED if is_replaced() else LAST_WORDS
        said = self.console.render(Group(traceback, Text(words)), self.console.options)
        # The text of an error may quote data.
        self._exit_renderables.append(Segments(safe_segments(said)))
        self._close_messages_no_wait()


REST_S = 1.0
"""Seconds without a key after which nobody waits for a frame."""


def forget_drawn() -> None:
    """Empty a cache of Textual's for colors: its keys hold each widget's lines as they were drawn,
    long after the widget is gone."""
    StylesCache.get_inner_outer.cache_clear()


class CollectsAtRest(KeyOrder):
    """An app that runs full garbage collections while nobody types: each takes a fifth of a second
    in which no key would be handled."""

    @on(events.Ready)
    def _look_now_and_then(self) -> None:
        self.set_interval(REST_S, self._collect)

    def _collect(self) -> None:
        from trigdash.config.collector import collect_at_rest

        if self.rested_for(REST_S):
            collect_at_rest(forget_drawn)


class BeginsActions(App[int]):
    """An app that can write."""

    session: Session
    writer: ActionController | None = None
    """Asks and acts; made when first wanted."""

    @property
    def _whole_app(self) -> TrigdashApp:
        return cast("TrigdashApp", self)

    def start_action(self, verb: str, subject: Subject) -> None:
        """Begin an action: its prompt comes in the background. Where nothing may be written, that
        is said."""
        if self.session.read_only:
            self._whole_app.toast(f"read-only: nothing is written, so no {verb}")
            return
        from trigdash.ui.actions.controller import ActionController

        self.writer = self.writer or ActionController(self._whole_app)
        self.writer.start_action(verb, subject)

    @cached_property
    def hints(self) -> Hints:
        """What teaches shorter ways; made when first wanted."""
        from trigdash.ui.hints import Hints

        return Hints(self._whole_app)

    def action_open_bulks(self) -> None:
        """Show the bulk under way, or one that was interrupted."""
        from trigdash.ui.subject import OpenBulks

        self.start_action("bulk", OpenBulks())

    async def action_open_result(self) -> None:
        """Open what the last action made, or look for it."""
        if self.writer is None:
            self._whole_app.toast("no new run to open yet")
        else:
            await self.writer.open_result()


class TakingAlong(App[int]):
    """An app from which texts and links are taken along."""

    session: Session

    def toast(self, words: str, severity: SeverityLevel = "information") -> None:
        """A short word in passing."""
        raise NotImplementedError

    def run_link(self, run_id: str) -> str | None:
        """The address of a run in the platform's dashboard; shows a message if there is none."""
        link = self.session.page("runs", run_id)
        if link is None:
            self.toast("this server has no dashboard that we know of")
        return link

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard, by way of the terminal, and say what was sent."""
        self.copy_to_clipboard(text)
        self._say_copied(pasteable(text), what)

    @work(group="copy")
    async def _say_copied(self, text: str, what: str) -> None:
        from trigdash.ui.outside import copied_words, send_to_tmux

        in_tmux = "TMUX" in os.environ and await send_to_tmux(text)
        size_bytes = len(text.encode())
        self.toast(copied_words(what, size_bytes, in_tmux=in_tmux, save_key=self._save_key()))

    def _save_key(self) -> str:
        """The key that saves this screen; empty without one."""
        bound = self.screen.active_bindings.items()
        return next((key for key, one in bound if one.binding.action == "save_shown"), "")

    @work(group="browse")
    async def browse(self, link: str) -> None:
        """Open a web page in the user's browser, or copy the link if there is none."""
        if not is_web_link(link):
            self.toast(f"this is no web address: {link}")
            return
        from trigdash.config.browser import open_in_browser

        if await open_in_browser(link):
            self.toast(f"handed to the browser: {link}")
        else:
            self.toast("there is no browser here", "warning")
            self.copy(link, link)
