"""Keys: bound, named and shown from one table, and changeable in the settings by their ids.

A key has an id (`run.cancel`), belongs to a group that a screen or widget binds, and has labels for
the footer and the help; see `trigdash.ui.input.key_table`.
"""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key, format_key

from trigdash.model.capability import Capability
from trigdash.ui.input.key import Key as Key
from trigdash.ui.input.key_table import GROUPS as GROUPS


def bindings(*groups: str) -> list[BindingType]:
    """The bindings of some groups, for a `BINDINGS`."""
    return [
        Binding(key.keys, key.action, key.words, show=False, id=key.id, priority=key.priority)
        for group in groups
        for key in GROUPS[group]
        if key.keys
    ]


def bind_alone(
    widget: DOMNode, key: str, action: str, words: str = "", *, priority: bool = False
) -> None:
    """Bind a key on one widget, before what it means to all of its class.

    Textual shares the list of a key's bindings among all widgets of a class: what is added to that
    list stays bound on each of them.
    """
    bound = widget._bindings.key_to_bindings
    bound[key] = [Binding(key, action, words, show=False, priority=priority), *bound.get(key, ())]


def find(key_id: str) -> Key:
    """The key with an id."""
    return next(key for group in GROUPS.values() for key in group if key.id == key_id)


def stand_in(key: Key, missing: Callable[[Capability], str]) -> Key:
    """A key as this system takes it: where nothing can be replayed and runs can be retried, the
    key that starts a run again retries it. `missing` says why a capability is absent."""
    if key.id == "run.replay" and missing(Capability.REPLAY) and not missing(Capability.RETRY):
        words = "retry from the first failed step"
        return replace(key, words="retry", help=words, needs=Capability.RETRY)
    return key


def display(keys: str) -> str:
    """How the first of some Textual key names is written for people: `:`, `ctrl+p`, `?`."""
    first = keys.split(",")[0].strip()
    *modifiers, name = first.split("+")
    return "+".join([*modifiers, _written(name)])


_SHORT = {
    "enter": "enter",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "left": "←",
    "right": "→",
}
_WRITTEN = {short: name for name, short in _SHORT.items()}


def _written(name: str) -> str:
    return _SHORT.get(name) or (format_key(name) if len(name) > 1 else name)


def shown(key: Key, changed: Mapping[str, str]) -> str:
    """How a key is written, with the user's own keys in mind."""
    return display(keymap(changed).get(key.id, key.keys))


def unknown_ids(changed: Mapping[str, str]) -> list[str]:
    """Ids in the settings that name no key."""
    known = {key.id for group in GROUPS.values() for key in group}
    return sorted(set(changed) - known)


def keymap(changed: Mapping[str, str]) -> dict[str, str]:
    """The user's own keys as Textual wants them: names without blanks, characters by name."""
    return {key_id: ",".join(map(_named, split_keys(keys))) for key_id, keys in changed.items()}


def is_key(name: str) -> bool:
    """Whether a name in the settings is one of a key."""
    *modifiers, last = _named(name).split("+")
    known = {key.value for key in Keys} | set(map(_character_to_key, string.punctuation))
    modified = set(modifiers) <= {"ctrl", "shift", "alt", "super", "meta", "hyper"}
    return modified and (len(last) == 1 or last in known)


def split_keys(keys: str) -> list[str]:
    """The keys that are listed with commas in the settings; a comma alone is that key."""
    return [keys] if keys == "," else [each.strip() for each in keys.split(",")]


def _named(key: str) -> str:
    """A key by Textual's name, also where it is written as the help writes it: `?`, `esc`."""
    modifiers, plus, last = key.rpartition("+") if key[-1:] != "+" else (key[:-2], key[-2:-1], "+")
    name = _character_to_key(last) if len(last) == 1 else _WRITTEN.get(last, last)
    return f"{modifiers}{plus}{name}"


def clashes(changed: Mapping[str, str], groups: Iterable[str]) -> list[tuple[str, str]]:
    """Keys with two meanings within groups that are bound together: the id of the changed key, and
    a message."""
    names = keymap(changed)
    taken: dict[str, str] = {}
    found = []
    for group in groups:
        for key in GROUPS[group]:
            for name in filter(None, names.get(key.id, key.keys).split(",")):
                other = taken.setdefault(name, key.id)
                if other != key.id:
                    to_blame = key.id if key.id in changed else other
                    found.append((to_blame, f"{display(name)} is both {other} and {key.id}"))
    return found
