"""The rate governor: keeps to a small share of a bucket that the customer's own workers use.

All keys of an environment share one bucket. This program uses at most a set share of it per minute,
slows all polls when the bucket is less than half full, and pauses them below a tenth. Writes of the
user never wait here, but count. Reads of the user may use the whole share, polls only most of it.
When it is used up, the user gets one extra read every two seconds, and polls pause until the
one-minute budget recovers.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from enum import Enum

from trigdash.backends.waits import told_wait
from trigdash.clock import Clock
from trigdash.model.capability import RateBudget

WINDOW_S = 60.0
ASSUMED_LIMIT = 750
"""Bucket size until the server reports it: the default of self-hosted servers (recorded)."""
LEAST_ALLOWANCE = 6
"""Requests per minute that are always allowed: a dashboard needs some."""
POLL_PART = 0.8
"""The fraction of the allowance that polls may use; the rest is reserved for what the user
opens."""
SLOW_BELOW = 0.5
STOP_BELOW = 0.1
PRESSED_ABOVE = 0.6
"""Polls slow down once we have used this fraction of the allowance, so that they spread out evenly
instead of stopping at the end of each minute."""
OVERDRAW_S = 2.0
"""Seconds between extra reads of the user, so that no screen stays empty for longer."""
SPENT = "this program's share of the rate limit is spent (--rate-share sets it)"
PROBE_S = 15.0
"""Seconds between polls that check whether a nearly empty bucket has refilled."""


class Urgency(Enum):
    """Who waits for a request."""

    POLL = "nobody"
    READ = "the user looks"
    WRITE = "the user acts"


class Governor:
    """Counts the requests to one bucket and holds those that must wait."""

    def __init__(self, clock: Clock, share: float = 0.1) -> None:
        self._clock = clock
        self._share = share
        self._sent: deque[float] = deque()
        self._limit: int | None = None
        self._remaining: int | None = None
        # Future times are monotonic, since the time of day may be changed meanwhile.
        self._resets_s: float | None = None
        self._probe_s: float | None = None
        self._closed_until_s: float | None = None
        self._told_at: datetime | None = None
        self._closed_because = ""
        self._overdrawn_s = float("-inf")
        """The monotonic time of the user's last extra read."""

    @property
    def budget(self) -> RateBudget:
        """The present rate budget."""
        return RateBudget(
            limit=self._limit,
            remaining=self._remaining,
            resets_at=self._moment(self._resets_s),
            share=self._share,
            spent=self._spent(),
            slowdown=self._slowdown(),
            stopped=self._probe_s is not None,
            told_at=self._told_at,
            closed_until=self._moment(self._closed_until_s),
            closed_because=self._closed_because,
        )

    @property
    def allowance(self) -> int:
        """Requests that this program may send per minute."""
        return max(LEAST_ALLOWANCE, int((self._limit or ASSUMED_LIMIT) * self._share))

    def observe(self, limit: int | None, remaining: int | None, resets_at: datetime | None) -> None:
        """Record what an answer says about the bucket; None for missing values."""
        if limit is None or remaining is None or limit <= 0:
            return
        self._limit, self._remaining = limit, max(0, remaining)
        self._resets_s = None if resets_at is None else self._instant(resets_at)
        self._told_at = self._clock.now()
        if self._remaining >= limit * STOP_BELOW:
            self._probe_s = None
        elif self._probe_s is None:
            self._probe_s = self._first_probe_s()

    def close_until(self, moment: datetime, because: str) -> None:
        """Record that the server accepts nothing before a moment, with the message of its refusal.
        Nothing is held here: the poller checks the budget, and requests of the user are sent. From
        that moment on a poll may be sent, whatever the bucket's own reset says."""
        self._closed_until_s, self._closed_because = self._instant(moment), because
        if self._probe_s is not None:
            self._probe_s = min(self._probe_s, self._closed_until_s)

    def open(self) -> None:
        """Record that the server accepts requests."""
        self._closed_until_s, self._closed_because = None, ""

    async def admit(self, urgency: Urgency) -> None:
        """Wait until a request may be sent, and count it."""
        while (wait_s := self._wait_s(urgency)) > 0:
            with told_wait(wait_s, SPENT):
                await self._clock.wait(wait_s)
        now_s = self._clock.monotonic()
        if urgency is Urgency.POLL and self._probe_s is not None:
            self._probe_s = now_s + PROBE_S
        if urgency is Urgency.READ and self._spent() >= self.allowance:
            self._overdrawn_s = now_s
        self._sent.append(now_s)

    def take_back(self) -> None:
        """Uncount an admitted request that was not sent after all."""
        if self._sent:
            self._sent.pop()

    def _first_probe_s(self) -> float:
        now_s = self._clock.monotonic()
        latest_s = now_s + PROBE_S
        if self._resets_s is None or self._resets_s <= now_s:
            return latest_s
        return min(self._resets_s, latest_s)

    def _instant(self, moment: datetime) -> float:
        """The monotonic time of a time of day."""
        return self._clock.monotonic() + (moment - self._clock.now()).total_seconds()

    def _moment(self, instant_s: float | None) -> datetime | None:
        """The time of day of a monotonic time, by the present setting of the clock."""
        if instant_s is None:
            return None
        return self._clock.now() + timedelta(seconds=instant_s - self._clock.monotonic())

    def _wait_s(self, urgency: Urgency) -> float:
        if urgency is Urgency.WRITE:
            return 0.0
        if urgency is Urgency.POLL and self._probe_s is not None:
            held_s = self._probe_s - self._clock.monotonic()
            if held_s > 0:
                return held_s
        part = POLL_PART if urgency is Urgency.POLL else 1.0
        places = max(1, int(self.allowance * part))
        if self._spent() < places:
            return 0.0
        # The request that must leave the window before another one fits.
        now_s = self._clock.monotonic()
        place_s = self._sent[len(self._sent) - places] + WINDOW_S - now_s
        if urgency is Urgency.READ:
            place_s = min(place_s, self._overdrawn_s + OVERDRAW_S - now_s)
        return max(0.0, place_s)

    def _spent(self) -> int:
        horizon = self._clock.monotonic() - WINDOW_S
        while self._sent and self._sent[0] <= horizon:
            self._sent.popleft()
        return len(self._sent)

    def _slowdown(self) -> float:
        pressed = self._spent() / self.allowance - PRESSED_ABOVE
        own = 1 + 5 * max(0.0, min(pressed, 1 - PRESSED_ABOVE))
        if self._limit is None or self._remaining is None:
            return own
        left = max(self._remaining / self._limit, STOP_BELOW)
        return max(own, SLOW_BELOW / left if left < SLOW_BELOW else 1.0)
