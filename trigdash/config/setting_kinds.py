"""What the settings file may say: the keys of each table, and what each value must be.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

from collections.abc import Callable

from trigdash.backends import BACKENDS
from trigdash.config.options import THEMES

HABITS = {
    "read_only": "bool",
    "rate_share": "share",
    "theme": "theme",
    "start": "start",
    "restore": "bool",
    "notify": "rule",
    "ascii": "bool",
    "columns": "texts",
    "keys": "table",
    "views": "table",
}
PROFILE = HABITS | {
    "backend": "backend",
    "api_url": "address",
    "secret_env": "filled",
    "secret_command": "command",
    "secret_keyring": "keyring",
    "secret_key": "filled",
    "access_token": "filled",
    "project": "text",
    "environment": "text",
    "branch": "text",
    "allow_http": "bool",
    "auth_header": "text",
    "auth_scheme": "text",
    "account": "text",
    "limit": "count",
}
TOP = HABITS | {"profile": "profile", "profiles": "profiles"}
SECRETS = ("secret_env", "secret_command", "secret_keyring", "secret_key")


def words_of_command(command: str) -> list[str]:
    """A command's words, quotes resolved as a shell does. Raises ValueError for an open quote."""
    import shlex

    return shlex.split(command)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(part, str) for part in value.values())


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_command(value: object) -> bool:
    if _is_texts(value):
        return bool(value)
    try:
        return isinstance(value, str) and bool(words_of_command(value))
    except ValueError:
        return False


def _is_address(value: object) -> bool:
    from trigdash.backends.target import why_refused

    # Whether plain http is allowed depends on the whole profile, and is checked when it is used.
    return isinstance(value, str) and why_refused(value.strip(), allow_http=True) is None


def _is_keyring(value: object) -> bool:
    parts = value.split("/") if isinstance(value, str) else []
    return len(parts) == 2 and all(map(str.strip, parts))


def _is_rule(value: object) -> bool:
    from datetime import UTC, datetime

    from trigdash.service.filters.language import FilterError, parse

    try:
        return isinstance(value, str) and bool(value) and bool(parse(value, datetime.now(UTC)))
    except FilterError:
        return False


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100


KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "a text"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "filled": (_is_filled, "a text that is not empty"),
    "theme": (lambda value: value in THEMES, f"one of {', '.join(THEMES)}"),
    "start": (lambda value: value in ("now", "runs"), "now or runs"),
    "address": (_is_address, "an address such as https://trigger.example.com"),
    "backend": (lambda value: value in tuple(BACKENDS), f"one of {', '.join(BACKENDS)}"),
    "rule": (_is_rule, "a filter line, such as status:bad task:charge-*"),
    "share": (_is_share, "a number above 0 and up to 1"),
    "count": (_is_count, "a whole number from 1 to 100"),
    "texts": (_is_texts, "a list of texts"),
    "table": (_is_table, "a table of texts"),
    "command": (_is_command, "a command with its quotes closed, or a list of texts"),
    "keyring": (_is_keyring, '"service/user"'),
    "profile": (
        lambda value: isinstance(value, str),
        "the name of a profile; profiles themselves are tables, [profiles.NAME] each",
    ),
    "profiles": (
        lambda value: (
            isinstance(value, dict) and all(isinstance(part, dict) for part in value.values())
        ),
        "tables, [profiles.NAME] each",
    ),
}
