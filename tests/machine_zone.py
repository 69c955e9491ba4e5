"""The time zone of the machine, for as long as a test lasts."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def machine_zone(rules: str) -> Iterator[None]:
    """Let this process live in a zone, by its rules as POSIX writes them: `EST5EDT,M3.2.0,M11.1.0`.
    The rules are in the text, so no file of the system decides."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = rules
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
