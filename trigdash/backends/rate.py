"""The rate governor: a small share of a bucket that belongs to the customer's own workers.

All keys of an environment share one bucket. This program uses at most a set share of it a minute,
slows every poll alike when the bucket is less than half full, and lets polls stand still below a
tenth. What the user does (a write) never waits here, and counts. What the user looks at (a read
that is no poll) may use the whole share, polls only most of it; when it is spent, the user gets one
read every two seconds beyond it, and polls stand back until the minute is even again.
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
"""Bucket size until a server says: the recorded default of self-hosted servers."""
LEAST_ALLOWANCE = 6
"""Requests a minute that are always allowed: without any there is no dashboard."""
POLL_PART = 0.8
"""Part of the allowance that polls may use; the rest is kept for what the user opens."""
SLOW_BELOW = 0.5
STOP_BELOW = 0.1
PRESSED_ABOVE = 0.6
"""Part of the allowance from which our own spending slows polls, so that they thin out evenly
instead of standing still at the end of each minute."""
OVERDRAW_S = 2.0
"""Seconds between reads of the user beyond the share: nobody looks at an empty screen longer."""
SPENT = "this program's share of the rate limit is spent (--rate-share sets it)"
PROBE_S = 15.0
"""Seconds between polls that ask whether a nearly empty bucket has refilled."""


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
        # What is to come, on the monotonic scale: the time of day may be set meanwhile.
        self._resets_s: float | None = None
        self._probe_s: float | None = None
        self._closed_until_s: float | None = None
        self._told_at: datetime | None = None
        self._closed_because = ""
        self._overdrawn_s = float("-inf")
        """When the user last got a read beyond the share, on the monotonic scale."""

    @property
    def budget(self) -> RateBudget:
        """What is known now."""
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
        """Requests that this program may send within a minute."""
        return max(LEAST_ALLOWANCE, int((self._limit or ASSUMED_LIMIT) * self._share))

    def observe(self, limit: int | None, remaining: int | None, resets_at: datetime | None) -> None:
        """What an answer says of the bucket; None for what it does not say."""
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
        """The server takes nothing before then, in the sentence of its refusal. Nothing is held
        here: whoever polls looks at the budget, and what the user asks for is sent. A poll may ask
        then, whatever the bucket's own reset says."""
        self._closed_until_s, self._closed_because = self._instant(moment), because
        if self._probe_s is not None:
            self._probe_s = min(self._probe_s, self._closed_until_s)

    def open(self) -> None:
        """The server takes requests."""
        self._closed_until_s, self._closed_because = None, ""

    async def admit(self, urgency: Urgency) -> None:
        """Return when a request may be sent, and count it. Waits on the clock."""
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
        """A request that was admitted was not sent after all."""
        if self._sent:
            self._sent.pop()

    def _first_probe_s(self) -> float:
        now_s = self._clock.monotonic()
        latest_s = now_s + PROBE_S
        if self._resets_s is None or self._resets_s <= now_s:
            return latest_s
        return min(self._resets_s, latest_s)

    def _instant(self, moment: datetime) -> float:
        """A time of day on the monotonic scale."""
        return self._clock.monotonic() + (moment - self._clock.now()).total_seconds()

    def _moment(self, instant_s: float | None) -> datetime | None:
        """The time of day of an instant, by the clock as it is set now."""
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
        # The request that must leave the window before there is a place.
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
