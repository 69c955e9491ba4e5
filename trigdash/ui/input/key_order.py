"""Keys act in the order in which they were typed, and a held key acts once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any
from weakref import ReferenceType, ref

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker
from typing_extensions import override

Typed = events.Key | events.Paste

TURN_S = 1.0
"""How long a key may keep the next one waiting. A widget that was removed never reports back."""

OPENING_S = 1.0
"""How long keys wait for a question that is being prepared: typed ahead, they are its answer."""

LOOK_AGAIN_S = 0.02


class KeyOrder(App[int]):
    """An app whose keys act one at a time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._typed: deque[Typed] = deque()
        self._under_way: Typed | None = None
        """What acts now; the next key waits for it."""
        self._whole: ReferenceType[Screen[Any]] | None = None
        """The screen that was in front, with all its parts, when a key last acted."""
        self._opening: _Opening | None = None
        self.is_leaving = False
        """Whether the end has begun: nothing typed or clicked acts any more."""
        self._typed_s = monotonic()

    @override
    def exit(self, *arguments: Any, **options: Any) -> None:
        self.is_leaving = True
        super().exit(*arguments, **options)

    @property
    def has_keys(self) -> bool:
        """Whether a key is under way or waits."""
        return self._under_way is not None

    def rested_for(self, seconds: float) -> bool:
        """Whether nothing was typed for so long, and nothing that was typed waits."""
        return not self.has_keys and monotonic() - self._typed_s >= seconds

    async def act_on(self, event: Typed) -> None:
        """Let a key or a paste act: its turn has come."""
        await super().on_event(event)

    def hold_keys_for(self, opening: Worker[Any]) -> None:
        """Let what is typed next wait for the question that a worker prepares."""
        self._opening = _Opening(opening, self.screen, monotonic())

    @override
    async def run_action(self, *arguments: Any, **options: Any) -> bool:
        return not self.is_leaving and await super().run_action(*arguments, **options)

    @override
    async def on_event(self, event: events.Event) -> None:
        if self.is_leaving and isinstance(event, events.InputEvent | events.Paste):
            return
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
            return
        if event.is_forwarded:
            # What came to front while the key went up may have no parts yet to act on.
            if self.screen.is_mounted:
                await super().on_event(event)
            return
        self._typed.append(event)
        self._typed_s = monotonic()
        if self._under_way is None:
            await self._begin()
        if len(self._typed) == 1 and self._under_way is not None:
            self._look_after(self._under_way)

    async def _begin(self) -> None:
        """Let the first waiting key act, once the screen in front is there with all its parts."""
        self._under_way = event = self._typed[0]
        if self._whole is None or self.screen is not self._whole():
            self._follow(self.screen, partial(self._begin_on, self.screen))
            return
        self._typed.popleft()
        started = self.focused or self.screen
        await self.act_on(event)
        # A key bubbles from the focus to the app. Messages that it causes there bubble again.
        self._follow(started, lambda: self._follow(self.focused or self.screen, self._end))

    async def _begin_on(self, whole: Screen[Any]) -> None:
        self._whole = ref(whole)
        await self._begin()

    async def _end(self) -> None:
        """Let the next key act, if one was typed meanwhile."""
        if self._typed and self._opening is not None and self._opening.goes_on(self.screen):
            self.set_timer(LOOK_AGAIN_S, self._end)
        elif self._typed:
            await self._begin()
        else:
            self._under_way = None

    def _look_after(self, event: Typed) -> None:
        self.set_timer(TURN_S, partial(self._end_overdue, event))

    async def _end_overdue(self, event: Typed) -> None:
        """Go on if a key is still under way after all this time, and nothing else is: a machine
        with much to do takes longer."""
        if self._typed and event is self._under_way and self._is_at_rest():
            await self._begin_on(self.screen)
        if self._typed and self._under_way is not None:
            self._look_after(self._under_way)

    def _is_at_rest(self) -> bool:
        """Whether no widget has anything to work off, and the screen in front has its parts."""
        nodes = (self, *self._registry)
        return self.screen.is_mounted and all(node._message_queue.empty() for node in nodes)

    def _follow(self, started: Widget, then: Callable[[], Any]) -> None:
        """Call something once the nodes from `started` up to the app have, one after another,
        handled their earlier messages."""
        event = self._under_way
        # Twice each, since a message may cause a node to post another one to itself.
        path = deque(node for each in started.ancestors_with_self for node in (each, each))

        def step() -> None:
            # A node that is being removed takes no callback: the next one does.
            while path and event is self._under_way:
                node = path.popleft()
                if node.call_later(step if path else then):
                    return

        step()


@dataclass(frozen=True, slots=True)
class _Opening:
    """A worker that prepares a prompt, and the screen that asked for it."""

    worker: Worker[Any]
    screen: Screen[Any]
    since: float

    def goes_on(self, screen: Screen[Any]) -> bool:
        """Whether the question may still come at once."""
        is_late = monotonic() - self.since > OPENING_S
        return screen is self.screen and not self.worker.is_finished and not is_late


QUIET_S = 0.75
"""A stream has ended after this long without a press: longer than the delay before a keyboard
starts to repeat (up to 0.66 s by default on X11) and than any gap between repeats."""


REPEATS_AFTER_S = 0.2
"""No keyboard repeats a held key sooner: what comes before was pressed a second time."""


class HeldKey:
    """Which presses belong to the press that opened the dialog. Times are monotonic seconds."""

    def __init__(self, key: str, now_s: float, *, heeds_quick: bool = False) -> None:
        """`heeds_quick` lets a second press through that comes too soon to be a repeat. A slow
        line may bring repeats as soon as that: not for what harms."""
        self.key = key
        self._until_s = now_s + QUIET_S
        self._quick_until_s = now_s + REPEATS_AFTER_S if heeds_quick else now_s

    def swallows(self, key: str, now_s: float) -> bool:
        """Whether this press is the held key repeating; if so the wait for quiet starts over.

        A press of another key ends it: a keyboard repeats only the key pressed last.
        """
        if key != self.key or now_s < self._quick_until_s:
            self._until_s = now_s - 1
        if now_s > self._until_s:
            return False
        self._until_s = now_s + QUIET_S
        return True
