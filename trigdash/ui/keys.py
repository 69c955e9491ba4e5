"""Keys: bound, named and shown from one table, and changeable in the settings by their ids.

A key has an id (`run.cancel`), belongs to a group that a screen or widget binds, and carries the
words that the footer and the help show for it; see `trigdash.ui.key_table`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.keys import format_key

from trigdash.ui.key_table import GROUPS as GROUPS
from trigdash.ui.key_table import Key as Key


def bindings(*groups: str) -> list[BindingType]:
    """The bindings of some groups, for a `BINDINGS`."""
    return [
        Binding(key.keys, key.action, key.words, show=False, id=key.id, priority=key.priority)
        for group in groups
        for key in GROUPS[group]
    ]


def find(key_id: str) -> Key:
    """The key with an id."""
    return next(key for group in GROUPS.values() for key in group if key.id == key_id)


def stand_in(key: Key, missing: Callable[[str], str]) -> Key:
    """A key as this system takes it: where nothing can be replayed and runs can be retried, the
    key that starts a run again retries it. `missing` says why a capability is absent."""
    if key.id == "run.replay" and missing("REPLAY") and not missing("RETRY"):
        words = "retry from the first failed step"
        return replace(key, words="retry", help=words, needs="RETRY")
    return key


def display(keys: str) -> str:
    """How the first of some Textual key names is written for people: `:`, `ctrl+p`, `?`."""
    first = keys.split(",")[0].strip()
    *modifiers, name = first.split("+")
    short = {"escape": "esc"}.get(name, name)
    return "+".join([*modifiers, _written(short)])


def _written(name: str) -> str:
    plain = {"enter": "enter", "pageup": "pgup", "pagedown": "pgdn", "left": "←", "right": "→"}
    return plain.get(name) or (format_key(name) if len(name) > 1 else name)


def shown(key: Key, changed: Mapping[str, str]) -> str:
    """How a key is written, with the user's own keys in mind."""
    return display(changed.get(key.id, key.keys))


def unknown_ids(changed: Mapping[str, str]) -> list[str]:
    """Ids in the settings that name no key."""
    known = {key.id for group in GROUPS.values() for key in group}
    return sorted(set(changed) - known)


def clashes(changed: Mapping[str, str], groups: Iterable[str]) -> list[str]:
    """Keys that mean two things within groups that are bound together, in words."""
    taken: dict[str, str] = {}
    found = []
    for group in groups:
        for key in GROUPS[group]:
            for name in changed.get(key.id, key.keys).split(","):
                other = taken.setdefault(name.strip(), key.id)
                if other != key.id:
                    found.append(f"{display(name)} is both {other} and {key.id}")
    return found
