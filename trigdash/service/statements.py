"""Texts in statements to the query endpoint, which knows no parameters."""

import re

_PLAIN = re.compile(r"[A-Za-z0-9_\-/.:@]+")


def is_plain(text: str) -> bool:
    """Whether a text may stand between quotation marks in a statement: nothing in it ends them.
    Ids and the names of queues are so, nearly all; what is not is not asked for."""
    return _PLAIN.fullmatch(text) is not None
