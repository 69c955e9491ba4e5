"""Texts for the clipboard and links for a browser: an app that says what became of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual import work
from textual.app import App

from trigdash.model.clean import encodable
from trigdash.ui.links import is_web_link

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel


class TakingAlong(App[int]):
    """An app from which texts and links are taken along."""

    def say(self, words: str, severity: SeverityLevel = "information") -> None:
        """A short word in passing."""
        raise NotImplementedError

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard, by way of the terminal, and say what was sent."""
        self.copy_to_clipboard(text)
        self._say_copied(encodable(text), what)

    @work(group="copy")
    async def _say_copied(self, text: str, what: str) -> None:
        from trigdash.ui.outside import copied_words, send_to_tmux  # loaded when first wanted

        in_tmux = "TMUX" in os.environ and await send_to_tmux(text)
        size_bytes = len(text.encode())
        self.say(copied_words(what, size_bytes, in_tmux=in_tmux, save_key=self._save_key()))

    def _save_key(self) -> str:
        """The key that saves what is shown here; empty where there is none."""
        bound = self.screen.active_bindings.items()
        return next((key for key, one in bound if one.binding.action == "save_shown"), "")

    @work(group="browse")
    async def browse(self, link: str) -> None:
        """Open a web page in the user's browser; where there is none, the link is sent to the
        clipboard."""
        if not is_web_link(link):
            self.say(f"this is no web address: {link}")
            return
        from trigdash.ui.outside import open_in_browser  # loaded when first wanted

        if await open_in_browser(link):
            self.say(f"handed to the browser: {link}")
        else:
            self.say("there is no browser here", "warning")
            self.copy(link, link)
