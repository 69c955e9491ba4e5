"""The key that opened a dialog, while it is held down.

Terminals send no key releases: a held key is a stream of presses. Were the dialog to take them, one
long press could open it and answer it, so it ignores this key until the stream has paused.
"""

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
        """Whether this press is the held key repeating; if so the wait for quiet begins anew.

        A press of another key ends it: a keyboard repeats only the key pressed last.
        """
        if key != self.key or now_s < self._quick_until_s:
            self._until_s = now_s - 1
        if now_s > self._until_s:
            return False
        self._until_s = now_s + QUIET_S
        return True
