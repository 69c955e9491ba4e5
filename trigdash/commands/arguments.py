"""Numbers on the command line, refused in words when they make no sense.

Light: whoever asks for `--help` waits for it.
"""

from argparse import ArgumentTypeError

MAX_SPEED = 1000
"""A second of ours is a quarter of an hour there: beyond that the simulator only catches up."""


def speed(text: str) -> float:
    """How much faster than life a simulated world moves."""
    return _between(text, MAX_SPEED)


def part(text: str) -> float:
    """A part of a whole."""
    return _between(text, 1)


def count(text: str) -> int:
    """How many; none is a number, too."""
    if not text.isdecimal():
        raise ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def positive(text: str) -> int:
    """How many, at least one."""
    if not (text.isdecimal() and int(text)):
        raise ArgumentTypeError("a whole number, 1 or more")
    return int(text)


def percent(text: str) -> float:
    """A share: 20% or 0.2, and none is a share, too."""
    number = float(text[:-1]) / 100 if text[:-1].isdecimal() and text.endswith("%") else -1.0
    if text.replace(".", "", 1).isdecimal():
        number = float(text)
    if not 0 <= number <= 1:
        raise ArgumentTypeError("a share such as 20%")
    return number


def per_minute(text: str) -> float:
    """A pace: 60/m, 5/s, 100/h."""
    number, _, unit = text.partition("/")
    each = {"s": 60.0, "m": 1.0, "h": 1 / 60}.get(unit, 0.0)
    if not (number.isdecimal() and int(number) and each):
        raise ArgumentTypeError("a pace such as 60/m")
    return int(number) * each


def _between(text: str, most: int) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise ArgumentTypeError(f"a number above 0 and up to {most}")
    return number
