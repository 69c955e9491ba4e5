"""Ids and seeds: everything random in the world is a function of the world's seed.

Forms as the real server makes them: `run_`, `batch_` and the like with a 25-character cuid,
`queue_`, `sched_`, `task_` and `deployment_` with 21 characters of a reduced alphabet, spans with
16 and traces with 32 hex digits.
"""

import hashlib

_MASK = (1 << 64) - 1
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _DIGITS for b in _DIGITS)
_FRIENDLY = "123456789abcdefghijkmnopqrstuvwxyz"
# The time part of ids counts from here, not from the wall clock: the same seed gives the same ids
# on any day.
_EPOCH_MS = 1_785_000_000_000


def mix(*parts: int) -> int:
    """Fold integers into 64 well-spread bits (splitmix64)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state


def seed_of(text: str) -> int:
    """A 64-bit hash of a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _eight(number: int) -> str:
    """Eight base-36 digits."""
    number %= 2_821_109_907_456
    high, low = divmod(number, 1_679_616)
    return _PAIRS[high // 1296] + _PAIRS[high % 1296] + _PAIRS[low // 1296] + _PAIRS[low % 1296]


def cuid(since_start_ms: int, counter: int, seed: int) -> str:
    """A 25-character cuid: time, counter, fingerprint and random part."""
    counter %= 1_679_616
    return (
        f"c{_eight(_EPOCH_MS + since_start_ms)}{_PAIRS[counter // 1296]}{_PAIRS[counter % 1296]}"
        f"{_eight(seed)}{_PAIRS[(seed >> 41) % 1296]}{_PAIRS[(seed >> 52) % 1296]}"
    )


def friendly(seed: int, length: int = 21) -> str:
    """The body of a `queue_`, `sched_`, `task_` or `deployment_` id."""
    out = []
    value = mix(seed, 1) | mix(seed, 2) << 64
    for _ in range(length):
        value, digit = divmod(value, len(_FRIENDLY))
        out.append(_FRIENDLY[digit])
    return "".join(out)


def letters(seed: int, length: int) -> str:
    """Letters and digits, as in secret keys and presigned signatures."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[mix(seed, n) % len(alphabet)] for n in range(length))


def span_id(seed: int, *parts: int) -> str:
    """16 hex digits."""
    return f"{mix(seed, *parts):016x}"


def trace_id(seed: int) -> str:
    """32 hex digits."""
    return f"{mix(seed, 101):016x}{mix(seed, 102):016x}"
