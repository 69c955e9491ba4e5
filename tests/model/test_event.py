"""A run's log as columns: every recorded answer of both stores, and very long ones."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.recorded import Recorded, recorded, successes_of
from trigdash.model import event_reader
from trigdash.model.event import BLOCK, EventLog, MessageBlocks, parse_events
from trigdash.model.span_event import SpanFlag

ANSWERS = successes_of("run_events", "run_events_pgstore")


def log_of(name: str) -> EventLog:
    return parse_events(recorded(name).body)


def entry(number: int, **more: Any) -> dict[str, Any]:
    told = {"spanId": f"{number:016x}", "parentId": None, "message": f"line {number}"}
    return {**told, "startTime": str(number), "duration": 0, "level": "INFO", **more}


def answer(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"events": entries}).encode()


@pytest.mark.parametrize("told", ANSWERS, ids=lambda told: told.name)
def test_a_recorded_log_is_held_whole_and_in_the_order_of_time(told: Recorded) -> None:
    log = parse_events(told.body)
    events = sorted(told.data["events"], key=lambda event: int(event["startTime"]))
    assert [log.span_id(at) for at in range(len(log))] == [event["spanId"] for event in events]
    assert list(log.messages) == [event["message"] for event in events]
    assert [log.level_name(at) for at in range(len(log))] == [event["level"] for event in events]
    assert list(log.duration_ns) == [event["duration"] for event in events]
    assert list(log.start_ns) == [int(event["startTime"]) for event in events]


def test_postgres_entries_are_put_in_order() -> None:
    log = log_of("run_events_pgstore__parent")
    assert log.messages[0] == "parent-task"
    assert log.messages[1] == "Attempt 1"
    assert log.start_ns[1] == 1795301810065526894
    failed = log_of("run_events_pgstore__failed")
    assert failed.events[0][0].failure is not None


def test_style_accessories_come_as_list_or_as_object() -> None:
    log = log_of("run_events__parent")
    assert log.notes[1] == "src/trigger/parent.ts parentTask"
    model = list(log.messages).index("ai.generateText.doGenerate")
    assert log.notes[model] == "gpt-4o-mini-2024-07-18 165"
    assert log.icons[log.icon[1]] == "attempt"


def test_a_span_and_all_below_it_can_be_picked_out() -> None:
    log = log_of("run_events_pgstore__parent")
    risky = list(log.messages).index("risky step")
    below = log.below(log.span_id(risky))
    assert {log.messages[at] for at in below} == {"risky step", "risky step failed"}
    assert len(log.below(log.span_id(0))) == len(log)
    assert log.below("ffffffffffffffff") == set()


def test_parents_that_go_round_in_a_circle_end_the_search() -> None:
    log = parse_events(answer(entry(1, parentId=f"{2:016x}"), entry(2, parentId=f"{1:016x}")))
    assert log.below(f"{1:016x}") == {0, 1}
    assert log.below(f"{3:016x}") == set()


def test_flags_and_cancellations_survive() -> None:
    log = log_of("run_events_pgstore__cancel")
    assert log.has(0, SpanFlag.CANCELED)
    assert log.has(0, SpanFlag.ERROR)
    assert log.events[0][0].reason == "Cancelled"
    assert log_of("run_events__executing").has(0, SpanFlag.PARTIAL)


def test_a_long_log_is_read_window_by_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_reader, "WINDOW", 61)
    entries = [entry(n, message=f"é{'x' * (n % 90)}€ {n}") for n in range(1, 300)]
    for body in (answer(*entries), json.dumps({"a": [1], "events": entries}, indent=2).encode()):
        log = parse_events(body)
        assert list(log.messages) == [told["message"] for told in entries]


def test_entries_beyond_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_reader, "MAX_EVENTS", 3)
    log = parse_events(answer(*map(entry, range(5))))
    assert len(log) == 3
    assert log.dropped == 2


def test_messages_are_found_by_number_across_blocks() -> None:
    texts = [f"text {n}" for n in range(BLOCK * 2 + 5)]
    messages = MessageBlocks(texts)
    assert len(messages) == len(texts)
    assert messages[BLOCK] == f"text {BLOCK}"
    assert messages[len(texts) - 1] == texts[-1]
    assert list(messages) == texts
    assert [start for start, _ in messages.blocks()] == [0, BLOCK, BLOCK * 2]


def test_lines_of_a_message_are_kept_and_control_characters_are_not() -> None:
    log = parse_events(answer(entry(1, message="a\r\n\tb\x1b[2J"), entry(2, message="\x1e")))
    assert log.messages[0] == "a\n    b"
    assert log.messages[1] == "\ufffd"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"events":[{', b"null"])
def test_an_answer_that_is_no_log_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever sentence: the backend words it
        parse_events(body)


@pytest.mark.parametrize(
    "after", [b"x", b"{}", b"]", b"}", b', "more": 1', b"\x00", b'{"events":[]}']
)
@pytest.mark.parametrize("count", [0, 1, 30_000])
def test_an_answer_with_something_after_its_end_is_no_whole_log(after: bytes, count: int) -> None:
    body = answer(*(entry(n) for n in range(1, count + 1)))
    assert len(parse_events(body + b" \n\t")) == count
    with pytest.raises(ValueError, match=r"."):
        parse_events(body + after)


def test_members_after_the_events_are_passed_over() -> None:
    body = answer(entry(1))[:-1] + b', "more": {"a": [1]}, "last": null}'
    assert len(parse_events(body)) == 1
    with pytest.raises(ValueError, match=r"."):
        parse_events(body[:-1])


def odd_values() -> Iterator[dict[str, Any]]:
    yield {"startTime": None, "duration": "x", "level": 3, "attemptNumber": -1}
    yield {"startTime": "1e400", "duration": 1e300, "style": {"icon": 5, "accessory": 3}}
    yield {"spanId": "not hex", "parentId": 7, "style": [1], "events": "none", "message": None}


@pytest.mark.parametrize("odd", odd_values())
def test_values_of_the_wrong_kind_count_as_untold(odd: dict[str, Any]) -> None:
    log = parse_events(answer(entry(5, **odd), entry(6)))
    assert len(log) == 2
    assert log.duration_ns[0] == 0
    assert log.attempt[0] == 0
    if "startTime" in odd:
        assert log.unreadable == 1
        assert log.start_ns[0] == log.start_ns[1] > 0


def test_a_log_that_tells_no_time_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no event says when it was"):
        parse_events(answer(entry(1, startTime=None), entry(2, startTime={})))


def test_an_entry_without_an_icon_has_none_however_many_the_others_have() -> None:
    styles: list[Any] = [{"icon": "task"}, None, {"variant": "warm"}, {"icon": 5}, {"icon": "warn"}]
    entries = [
        {"spanId": f"{n:x}", "message": "m", "startTime": str(n), "style": style}
        for n, style in enumerate(styles, 1)
    ]
    log = parse_events(json.dumps({"events": entries}).encode())
    assert [log.icons[number] for number in log.icon] == ["task", "", "", "", "warn"]


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        ({}, SpanFlag(0)),
        ({"isError": False, "isPartial": False, "isCancelled": False}, SpanFlag(0)),
        ({"isError": True}, SpanFlag.ERROR),
        ({"isPartial": True}, SpanFlag.PARTIAL),
        ({"isCancelled": True}, SpanFlag.CANCELED),
        ({"isError": True, "isCancelled": True}, SpanFlag.ERROR | SpanFlag.CANCELED),
    ],
)
def test_an_entry_ended_as_it_says_and_in_no_other_way(
    told: dict[str, bool], flags: SpanFlag
) -> None:
    entry = {"spanId": "1", "message": "m", "startTime": "1", "duration": 5, **told}
    log = parse_events(json.dumps({"events": [entry]}).encode())
    assert SpanFlag(log.flags[0]) == flags
    assert log.unreadable == 0


def test_an_entry_without_a_duration_is_not_odd_and_one_with_nonsense_is() -> None:
    def unreadable(**told: Any) -> int:
        entry = {"spanId": "1", "message": "m", "startTime": "1", **told}
        return parse_events(json.dumps({"events": [entry]}).encode()).unreadable

    assert (unreadable(), unreadable(duration=None), unreadable(duration="soon")) == (0, 0, 1)


def test_warm_and_cold_are_told_apart() -> None:
    entries = [
        {"spanId": f"{n:x}", "message": "m", "startTime": str(n), "style": {"variant": variant}}
        for n, variant in enumerate(("warm", "cold", "primary"))
    ]
    log = parse_events(json.dumps({"events": entries}).encode())
    assert log.warm == {0: True, 1: False}


def test_a_span_without_an_icon_has_none_beside_others_that_have() -> None:
    styles = ({"icon": "attempt"}, {}, {"icon": 5}, {"icon": "wait", "accessory": None}, None)
    log = parse_events(answer(*(entry(n, style=style) for n, style in enumerate(styles, 1))))
    assert [log.icons[at] for at in log.icon] == ["attempt", "", "", "wait", ""]
