"""What a typed key means before it acts: a held one nothing, one of another layout its place."""

from __future__ import annotations

from time import monotonic

from textual import events
from typing_extensions import override

from trigdash.ui.input.key_order import HeldKey, KeyOrder, Typed
from trigdash.ui.input.paste_guard import PasteCut
from trigdash.ui.layouts import is_foreign, on_latin_layout


class TypedKeys(KeyOrder):
    """An app whose keys are those of the user's hand and keyboard."""

    last_key = ""
    """The key that acted last."""
    _held: HeldKey | None = None
    _told_layout = False

    @override
    async def act_on(self, event: Typed) -> None:
        """Take no press of a key that is still held down from before."""
        if isinstance(event, events.Key):
            event = self._as_latin(event)
            if self._held is not None and self._held.swallows(event.key, monotonic()):
                return
            self.last_key = event.key
        await super().act_on(event)

    def _as_latin(self, event: events.Key) -> events.Key:
        """A letter of another layout as the key of the same place, where a key is expected and
        not a text."""
        focused = self.focused
        is_text = focused is not None and focused.check_consume_key(event.key, event.character)
        if not is_foreign(event) or is_text or event.key in self.screen.active_bindings:
            return event
        known = on_latin_layout(event)
        if known is None and not self._told_layout:
            self._told_layout = True
            self._warn(
                f"no key is called {event.key}: keys are Latin letters. Switch the keyboard"
                " layout, or name your own in the settings, under keys"
            )
        return known or event

    def on_paste_cut(self, message: PasteCut) -> None:
        """More was pasted than is read: say what is missing."""
        self._warn(f"{message.dropped:,} characters at the end of the paste were left out")

    def _warn(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    def hold_last_key(self, *, heeds_quick: bool = False) -> None:
        """The last key has answered a dialog: held on, it does nothing to what is beneath."""
        if self.last_key:
            self._held = HeldKey(self.last_key, monotonic(), heeds_quick=heeds_quick)
