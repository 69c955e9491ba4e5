"""The environment of programs that trigdash starts: a browser, tmux, the simulator. They need no
key, and the environment of a process is readable for anyone who may inspect it.

Commands from the user's settings (`secret_command`, `--exec`) run in the environment in which
trigdash was started, as from a shell, with nothing added. This module is imported before the first
frame: standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMED_SECRET = re.compile(r"(?i)(?:^|_)(?:key|token|secret|password|passwd|pat)$")
_LOOKS_SECRET = re.compile(r"\btr_[a-z]+_\w{6}|\beyJ[\w-]{8,}\.|(?i:bearer )\S")


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that hold no key or token, by their names and by what they look like."""
    return {
        name: value
        for name, value in environ.items()
        if not _NAMED_SECRET.search(name) and not _LOOKS_SECRET.search(value)
    }
