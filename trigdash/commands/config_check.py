"""`trigdash config check`: every mistake in the settings, including those that a start ignores.

A start stops at the first mistake that it cannot work around. It skips an unknown column, key or
view, or mentions it on screen, so that an older trigdash can use the settings file of a newer one.
Here they count as mistakes like all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trigdash.config.file import ConfigText, suggestion
from trigdash.model.moment import local


def mistakes(path: Path) -> Iterator[str]:
    """The mistakes in the file at `path`, one line each; none when the file does not exist. Raises
    ConfigError when the file cannot be read at all."""
    text = ConfigText.of(path)
    if text is None:
        return
    found = list(text.mistakes())
    yield from found
    if found:
        return
    yield from _meaningless(text, text.data, "")
    for name, table in text.profiles().items():
        yield from _meaningless(text, table, f"profiles.{name}.")


def _meaningless(text: ConfigText, table: Mapping[str, Any], within: str) -> Iterator[str]:
    from trigdash.presentation.run_columns import column_problems

    section = within.rstrip(".")
    for words in column_problems(table.get("columns", ())):
        yield text.mistake(section, "columns", words)
    keys = table.get("keys", {})
    for key_id, words in _keys(keys):
        yield text.mistake(f"{within}keys", key_id, words)
    for name, words in _views(table.get("views", {})):
        yield text.mistake(f"{within}views", name, words)


def _keys(changed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    from trigdash.ui.input.keys import GROUPS, clashes, is_key, split_keys, unknown_ids

    known = [key.id for group in GROUPS.values() for key in group]
    for key_id in unknown_ids(changed):
        yield key_id, f"no key is called {key_id!r}{suggestion(key_id, known)}"
    for key_id, keys in changed.items():
        for name in split_keys(keys):
            if not is_key(name):
                yield key_id, f"{name!r} is no key; write ctrl+k, f5, space, K or ?"
    told: set[str] = set()
    for groups in _key_groups():
        for key_id, words in clashes(changed, groups):
            # Where both are defaults, Textual runs the binding that is nearer to the focus.
            if key_id in changed and words not in told:
                told.add(words)
                yield key_id, words


def _key_groups() -> set[tuple[str, ...]]:
    """The groups of keys that are bound together, one entry for each list."""
    from trigdash.ui.routes import ROUTES

    return {tuple(route.load().KEY_GROUPS) for route in ROUTES.values()}


def _views(views: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    from trigdash.service.filters.language import FilterError, parse

    for name, line in views.items():
        try:
            parse(line, local(datetime.now(UTC)))
        except FilterError as error:
            yield name, f"view {name}: {error.words}"
