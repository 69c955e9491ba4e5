"""The rate limiter of the API: one token bucket for each environment or token.

As recorded: 250 tokens are added each 10 s up to 750; the reset is the time of the next addition,
in epoch milliseconds; there is no `Retry-After`. Public tokens have whole minutes instead.
"""

from dataclasses import dataclass

INTERVAL_MS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket's size and what each interval adds to it; a fixed one starts on the whole minute."""

    size: int
    refill: int
    interval_ms: int = INTERVAL_MS
    fixed: bool = False


API = Rate(750, 250)
DEPLOYMENTS = Rate(1_500, 500)
PUBLIC_TOKEN = Rate(60, 60, 60_000, fixed=True)


class TokenBucket:
    """One bucket. It counts down to -1, a fixed one to 0, as the recorded bodies say."""

    __slots__ = ("filled_ms", "rate", "tokens")

    def __init__(self, rate: Rate, now_ms: int):
        self.rate = rate
        self.tokens = rate.size
        self.filled_ms = now_ms - (now_ms % rate.interval_ms if rate.fixed else 0)

    def take(self, now_ms: int) -> bool:
        """Take a token; False when the bucket is empty."""
        rate = self.rate
        passed = (now_ms - self.filled_ms) // rate.interval_ms
        if passed > 0:
            self.tokens = min(rate.size, max(0, self.tokens) + passed * rate.refill)
            self.filled_ms += passed * rate.interval_ms
        allowed = self.tokens > 0
        self.tokens = max(0 if rate.fixed else -1, self.tokens - 1)
        return allowed

    @property
    def reset_ms(self) -> int:
        return self.filled_ms + self.rate.interval_ms

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.rate.size),
            "x-ratelimit-remaining": str(max(0, self.tokens)),
            "x-ratelimit-reset": str(self.reset_ms),
        }


class Limiter:
    """All buckets. A rate of size 0 switches limiting off."""

    def __init__(self, api: Rate = API):
        self.api = api
        self._buckets: dict[tuple[str, Rate], TokenBucket] = {}

    def bucket(self, owner: str, rate: Rate, now_ms: int) -> TokenBucket:
        """The bucket of an owner; a new one is full."""
        key = (owner, rate)
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(rate, now_ms)
        return self._buckets[key]
