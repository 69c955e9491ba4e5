"""Edits of metadata: what was not touched is not sent, and what others wrote is not lost."""

from __future__ import annotations

from copy import deepcopy
from random import Random

import pytest

from trigdash.model.json_walk import same_json
from trigdash.service.actions.metadata_edit import (
    ABSENT,
    Conflict,
    MetadataChange,
    change_of,
    counts,
)


def applied(change: MetadataChange, held: dict[str, object]) -> dict[str, object]:
    """What the server holds after the change."""
    kept = {key: value for key, value in held.items() if key not in change.removed}
    return kept | dict(change.changed)


def test_a_counter_that_the_task_moved_meanwhile_is_not_sent() -> None:
    before = {"progress": 10, "stage": "load"}
    change = change_of(before, {"progress": 10, "stage": "mine"}, {"progress": 80, "stage": "load"})
    assert change == MetadataChange({"stage": "mine"})


def test_a_value_within_an_object_is_laid_over_what_the_object_holds_now() -> None:
    before = {"job": {"done": 1, "total": 5, "old": True}}
    typed = {"job": {"done": 1, "total": 9}}
    now = {"job": {"done": 4, "total": 5, "old": True, "eta": 7}, "new": 1}
    assert change_of(before, typed, now) == MetadataChange(
        {"job": {"done": 4, "total": 9, "eta": 7}}
    )


@pytest.mark.parametrize(
    ("typed", "now", "conflict"),
    [
        ({"a": 2}, {"a": 3}, Conflict(("a",), 3, 2)),
        ({"a": 2}, {}, Conflict(("a",), ABSENT, 2)),
        ({}, {"a": 3}, Conflict(("a",), 3, ABSENT)),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, Conflict(("a", "b"), 2, 1)),
    ],
)
def test_what_both_changed_is_told_with_both_values(
    typed: dict[str, object], now: dict[str, object], conflict: Conflict
) -> None:
    change = change_of({"a": 1}, typed, now)
    assert change.conflicts == (conflict,)
    assert applied(change, now) == typed, "mine, when it is sent all the same"


def test_the_same_change_on_both_sides_is_none() -> None:
    assert change_of({"a": 1}, {"a": 2}, {"a": 2}) == MetadataChange()
    assert change_of({"a": 1}, {}, {}) == MetadataChange()


def test_true_is_no_one_and_an_order_of_keys_is_no_change() -> None:
    assert change_of({"a": 1}, {"a": True}, {"a": 1}).changed == {"a": True}
    assert change_of({"a": 1, "b": [0]}, {"b": [False], "a": 1}, {"a": 1, "b": [0]}).changed == {
        "b": [False]
    }
    assert not change_of({"a": 1, "b": 2}, {"b": 2, "a": 1.0}, {"a": 1, "b": 2}).keys
    assert counts({"a": 1, "b": 1, "c": 1}, {"b": True, "c": 1, "d": 1, "e": 1}) == (2, 1, 1)


def a_value(random: Random, depth: int = 0) -> object:
    kind = random.randrange(6 if depth < 3 else 4)
    if kind == 4:
        return [a_value(random, depth + 1) for _ in range(random.randrange(3))]
    if kind == 5:
        return an_object(random, depth + 1)
    return random.choice((None, True, False, 0, 1, 1.5, "", "x"))


def an_object(random: Random, depth: int = 0) -> dict[str, object]:
    return {random.choice("abcdef"): a_value(random, depth) for _ in range(random.randrange(5))}


def edited(random: Random, held: dict[str, object]) -> dict[str, object]:
    """A copy with some keys changed, added and removed."""
    copy = deepcopy(held)
    for _ in range(random.randrange(4)):
        key = random.choice("abcdef")
        inner = copy.get(key)
        if isinstance(inner, dict) and random.random() < 0.5:
            copy[key] = edited(random, inner)
        elif random.random() < 0.3:
            copy.pop(key, None)
        else:
            copy[key] = a_value(random)
    return copy


@pytest.mark.parametrize("seed", range(300))
def test_an_edit_sends_its_own_changes_and_keeps_those_of_others(seed: int) -> None:
    random = Random(seed)
    before = an_object(random)
    mine, theirs = edited(random, before), edited(random, before)
    alone = change_of(before, mine, before)
    assert alone.conflicts == ()
    assert same_json(applied(alone, before), mine)
    both = change_of(before, mine, theirs)
    other_way = change_of(before, theirs, mine)
    assert {c.path for c in both.conflicts} == {c.path for c in other_way.conflicts}
    if not both.conflicts:
        assert same_json(applied(both, theirs), applied(other_way, mine))
    for key in both.keys:
        assert not same_json(before.get(key, ABSENT), mine.get(key, ABSENT)), "untouched, yet sent"


def test_metadata_that_nest_very_deeply_are_compared_all_the_same() -> None:
    def nested(end: object) -> dict[str, object]:
        value: object = end
        for _ in range(5_000):
            value = {"a": value}
        return {"top": value}

    assert not change_of(nested(1), nested(1), nested(1)).keys
    assert change_of(nested(1), nested(2), nested(1)).keys == ("top",)
