"""Parsers of numbers on the command line. A bad number gets a message that says what is expected.

Imports little, because `--help` waits for this module.
"""

from argparse import ArgumentTypeError

MAX_SPEED = 1000
"""One real second is about a quarter of an hour in the simulation. Beyond that, it cannot keep
up."""


def speed(text: str) -> float:
    """How many times faster than real time a simulated world runs."""
    return _between(text, MAX_SPEED)


def part(text: str) -> float:
    """A fraction: more than 0, at most 1."""
    return _between(text, 1)


def count(text: str) -> int:
    """A count, 0 or more."""
    if not text.isdecimal():
        raise ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def positive(text: str) -> int:
    """A count, 1 or more."""
    if not (text.isdecimal() and int(text)):
        raise ArgumentTypeError("a whole number, 1 or more")
    return int(text)


def percent(text: str) -> float:
    """A share from 0 to 1, given as 20% or 0.2."""
    number = float(text[:-1]) / 100 if text[:-1].isdecimal() and text.endswith("%") else -1.0
    if text.replace(".", "", 1).isdecimal():
        number = float(text)
    if not 0 <= number <= 1:
        raise ArgumentTypeError("a share such as 20%")
    return number


def per_minute(text: str) -> float:
    """A number per minute, given as 60/m, 5/s, or 100/h."""
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
