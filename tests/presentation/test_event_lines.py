"""What of a log is shown: levels, texts, context, one span's part, exceptions unfolded."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.recorded import recorded
from trigdash.model.event import parse_events
from trigdash.presentation.run import event_search
from trigdash.presentation.run.event_lines import EventFilter, EventLines, TimeStyle
from trigdash.service.filters.text_pattern import BadPattern


def lines_of(name: str) -> EventLines:
    return EventLines(parse_events(recorded(name).body))


def numbered(count: int, **more: Any) -> EventLines:
    entries = [
        {"spanId": f"{n:x}", "message": f"line {n}", "startTime": str(n * 10), "duration": 0}
        | {"level": ("DEBUG", "INFO", "ERROR")[n % 3], **more}
        for n in range(1, count + 1)
    ]
    return EventLines(parse_events(json.dumps({"events": entries}).encode()))


def texts(lines: EventLines) -> list[str]:
    return [lines.text(line) for line in lines.shown]


def test_exceptions_stand_below_their_entry() -> None:
    lines = lines_of("run_events_pgstore__failed")
    shown = texts(lines)
    assert shown[0] == "send-email"
    assert shown[1].startswith("Error: ")
    assert lines.below(lines.shown[1]).role == "bad"
    assert any(text.lstrip().startswith("at ") for text in shown)
    lines.toggle_unfolding()
    assert texts(lines) == ["send-email", "Attempt 1"]


def test_a_cancellation_says_why() -> None:
    assert texts(lines_of("run_events_pgstore__cancel"))[1] == "cancellation: Cancelled"


def test_levels_narrow_from_below() -> None:
    lines = lines_of("run_events__parent")
    lines.toggle_unfolding()
    lines.narrow(EventFilter(level=4))
    assert set(texts(lines)) == {"risky step", "slow response", "risky step failed"}
    lines.toggle_unfolding()
    lines.narrow(EventFilter(level=0))
    assert len(lines.shown) > 13


def test_texts_and_patterns_ignore_case_and_may_keep_context() -> None:
    lines = numbered(100)
    lines.narrow(EventFilter(text="LINE 42"))
    assert texts(lines) == ["line 42"]
    lines.narrow(EventFilter(text="line 42", context=2))
    assert texts(lines) == ["line 40", "line 41", "line 42", "line 43", "line 44"]
    lines.narrow(EventFilter(text="/^line (7|9)$/"))
    assert texts(lines) == ["line 7", "line 9"]
    lines.narrow(EventFilter(text="line 42", context=1, level=2))
    assert texts(lines) == []


def test_a_bad_pattern_changes_nothing() -> None:
    lines = numbered(3)
    with pytest.raises(BadPattern, match="not a regular expression"):
        lines.narrow(EventFilter(text="/(/"))
    assert len(lines.shown) == 3


SLOW = "/(?:(?:x+)+)+y/"
"""Takes for ever on a line of x that ends otherwise."""


def test_a_line_that_takes_too_long_is_counted_and_the_others_are_searched() -> None:
    lines = numbered(20)
    long = {"spanId": "ff", "message": "x" * 3_000 + "zy", "startTime": "5"}
    entries = [{"spanId": f"{n:x}", "message": f"xy {n}", "startTime": "7"} for n in range(1, 5)]
    lines.replace(parse_events(json.dumps({"events": [long, *entries]}).encode()))
    lines.narrow(EventFilter(text=SLOW))
    while lines.is_searching:
        lines.search_on(0.01)
    lines.show_found()
    assert texts(lines) == ["xy 1", "xy 2", "xy 3", "xy 4"]
    assert lines.search is not None
    assert lines.search.too_slow == {0}
    assert not lines.search.gave_up


def test_a_search_that_comes_to_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_search, "MAX_S", 0.2)
    lines = numbered(1)
    entries = [
        {"spanId": f"{n:x}", "message": "x" * 3_000 + f"z {n}y", "startTime": "7"}
        for n in range(1, 400)
    ]
    lines.replace(parse_events(json.dumps({"events": entries}).encode()))
    lines.narrow(EventFilter(text=SLOW))
    assert lines.is_searching
    assert texts(lines) == []
    lines.search_on(9.0)
    assert lines.search is not None
    assert lines.search.gave_up
    assert not lines.is_searching
    assert lines.search.searched < 100


def test_what_is_found_in_slices_is_what_is_found_at_once() -> None:
    lines = numbered(9_000)
    for typed in ("line 1", "/^line 1.*7$/", "1 1", "line"):
        lines.narrow(EventFilter(text=typed))
        while lines.is_searching:
            lines.search_on(0.0)
        lines.show_found()
        plain = typed.strip("/") if typed[0] == "/" else re.escape(typed)
        expected = [f"line {n}" for n in range(1, 9_001) if re.search(plain, f"line {n}")]
        assert texts(lines) == expected


def test_text_is_found_within_exceptions() -> None:
    lines = lines_of("run_events__parent")
    lines.narrow(EventFilter(text="parent.ts:88"))
    assert texts(lines)[0] == "risky step"


def test_matches_are_visited_round_and_round() -> None:
    lines = numbered(30)
    lines.narrow(EventFilter(text="5", context=1))
    first = lines.next_match(0, 1)
    assert first is not None
    assert lines.text(lines.shown[first]) == "line 5"
    second = lines.next_match(first, 1)
    assert second is not None
    assert lines.text(lines.shown[second]) == "line 15"
    back = lines.next_match(first, -1)
    assert back is not None
    assert lines.text(lines.shown[back]) == "line 25"
    assert numbered(3).next_match(0, 1) is None


def test_only_the_part_below_one_span_is_shown() -> None:
    lines = lines_of("run_events_pgstore__parent")
    risky = list(lines.log.messages).index("risky step")
    lines.narrow(EventFilter(span_id=lines.log.span_id(risky)))
    assert {lines.entry(line) for line in lines.shown} == {risky, risky + 1}


def test_a_newer_log_keeps_the_filter() -> None:
    lines = numbered(30)
    lines.narrow(EventFilter(text="line 3"))
    lines.replace(numbered(40).log)
    assert len(lines.shown) == 11
    assert lines.filter == replace(EventFilter(), text="line 3")


def test_messages_of_several_lines_are_several_lines() -> None:
    lines = numbered(2, message="first\nsecond")
    assert texts(lines) == ["first", "second", "first", "second"]
    assert lines.part(lines.shown[1]) == 1
    assert lines.index_of(1) == 2


def test_time_since_the_line_before_counts_shown_entries() -> None:
    lines = numbered(9)
    assert lines.delta_ns(0) == 0
    assert lines.delta_ns(1) == 10
    lines.narrow(EventFilter(level=5))
    assert lines.delta_ns(1) == 30


def test_time_styles_go_round() -> None:
    style = TimeStyle.RELATIVE
    seen = [style := style.after() for _ in TimeStyle]
    assert seen == [TimeStyle.ABSOLUTE, TimeStyle.DELTA, TimeStyle.RELATIVE]


def test_errors_are_visited_round_and_round_among_what_is_shown_and_after_new_ones_came() -> None:
    lines = numbered(9)
    assert [lines.next_error(at) for at in (0, 1, 4, 7, 8)] == [1, 4, 7, 1, 1]
    lines.narrow(EventFilter(text="line 5"))
    assert lines.next_error(0) == 0
    lines.narrow(EventFilter(text="line 3"))
    assert lines.next_error(0) is None
    lines.narrow(EventFilter(text="nothing"))
    assert lines.next_error(0) is None
    lines.narrow(EventFilter())
    lines.replace(numbered(12).log)
    assert lines.next_error(7) == 10


def test_a_text_that_was_cleared_is_looked_for_no_more() -> None:
    lines = numbered(30)
    lines.narrow(EventFilter(text="line 1"))
    assert lines.next_match(0, 1) is not None
    lines.narrow(EventFilter())
    assert lines.matching is None
    assert lines.next_match(0, 1) is None
    assert len(lines.shown) == 30


def failing_log(shape: str) -> EventLines:
    """A log of spans, one a letter, each within the one before it of less depth: `a0 b1 c1` has b
    and c within a. Capitals failed, all of them by the same exception."""
    entries: list[dict[str, object]] = []
    open_spans: list[str] = []
    for number, (name, depth) in enumerate(shape.split(), start=1):
        del open_spans[int(depth) :]
        failed = name.isupper()
        exception = {"type": "TypeError", "message": "no", "stacktrace": "TypeError: no\n  at x"}
        thrown = {"name": "exception", "time": str(number), "properties": {"exception": exception}}
        entries.append(
            {
                "spanId": f"{number:x}",
                "parentId": open_spans[-1] if open_spans else None,
                "message": name,
                "startTime": str(number * 1_000_000),
                "duration": 5,
                "isError": failed,
                "attemptNumber": 1,
                "events": [thrown] if failed else [],
            }
        )
        open_spans.append(f"{number:x}")
    return EventLines(parse_events(json.dumps({"events": entries}).encode()))


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("A0 B1 C2", "C"),
        ("A0 b1 C2", "C"),
        ("A0 B1 c1", "B"),
        ("a0 B1 C1", "BC"),
        ("A0 B1 C2 d2 E1", "CE"),
        ("a0 b1", ""),
    ],
)
def test_an_exception_is_told_once_where_it_was_thrown(shape: str, told: str) -> None:
    lines = failing_log(shape)
    shown = texts(lines)
    assert [name for name, below in pairwise([*shown, ""]) if below == "TypeError: no"] == [*told]
    visited, at = [], 0
    for _ in told:
        found = lines.next_error(at)
        assert found is not None
        visited.append(lines.text(lines.shown[found]))
        at = found
    assert sorted(visited) == [*told]
    if told:
        assert lines.text(lines.shown[lines.next_error(at) or 0]) == visited[0], "round the end"
