"""Literals as SQLite writes them."""

from trigdash.simulator.trql import moments
from trigdash.simulator.trql.refusal import QueryRefused


def quoted(text: object) -> str:
    """A text literal."""
    return "'" + str(text).replace("'", "''") + "'"


def moment_like(text: str, kind: str) -> str:
    """A moment as columns of its kind print it, so that text compares as time does."""
    return (moments.fine if kind == "datetime64" else moments.coarse)(moments.read(text))


def number_like(text: str) -> str:
    """A number that was written as text."""
    try:
        float(text)
    except ValueError:
        raise QueryRefused(
            f"Cannot parse string '{text}' as a number: syntax error at begin of string"
        ) from None
    return text
