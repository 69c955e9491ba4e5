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


def _between(text: str, most: int) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= most:
        raise ArgumentTypeError(f"a number above 0 and up to {most}")
    return number
