"""What is known of a row that could not be read.

This module is imported before the first frame: standard library only.
"""

from dataclasses import dataclass

MAX_KEY = 200
"""Characters of an id; a longer one is not reported."""


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row that could not be read, or not all of it."""

    key: str
    """Its id where that could be read, else `?` and its place among those without."""
    fields: tuple[str, ...] = ()
    """Names of what could not be read, as the server says them; empty when nothing could."""
    is_shown: bool = False
    """Whether the rest of it is shown."""
