"""Which characters the terminal takes, as far as that is told.

This module is imported before the first frame: standard library only.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TextIO

UTF_8 = "utf-8"
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python puts in the place of the C locale (PEP 538)."""


def terminal_encoding(environ: Mapping[str, str], stream: TextIO | None) -> str:
    """Name of the codec for what is drawn: `ascii` in the C locale, which Python itself overlooks.

    Where nothing is set, as in many containers, it is UTF-8, as nearly every terminal is today.
    """
    told = environ.get("PYTHONIOENCODING") or environ.get("PYTHONUTF8") == "1"
    if not told and _locale(environ) in ("C", "POSIX"):
        return "ascii"
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or UTF_8).name
    except LookupError:
        return UTF_8


def _locale(environ: Mapping[str, str]) -> str:
    """The locale of characters."""
    characters = environ.get("LC_CTYPE", "")
    if characters in _COERCED and environ.get("LANG"):
        characters = ""
    return environ.get("LC_ALL") or characters or environ.get("LANG", "")
