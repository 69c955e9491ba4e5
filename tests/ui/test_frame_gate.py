"""A line that is too slow gets fewer frames, each of them whole; what is no frame always goes."""

from __future__ import annotations

from trigdash.ui.input.terminal import BEGIN_FRAME, BEHIND_S, END_FRAME, FrameGate

FRAME = "\x1b[1;1Ha line"
BELL = "\x07"
TITLE = "\x1b]2;trigdash\x07"


def written(gate: FrameGate, *texts: str, is_waiting: bool, now_s: float) -> list[str]:
    """What of some texts goes through."""
    return [text for text in texts if gate.lets_through(text, is_waiting=is_waiting, now_s=now_s)]


def test_a_line_that_keeps_up_gets_every_frame() -> None:
    gate = FrameGate()
    for second in range(10):
        frame = (BEGIN_FRAME, FRAME, END_FRAME)
        assert written(gate, *frame, is_waiting=False, now_s=second) == [*frame]


def test_what_waits_for_a_moment_only_leaves_nothing_out() -> None:
    gate = FrameGate()
    assert written(gate, FRAME, is_waiting=True, now_s=0.0) == [FRAME]
    assert written(gate, FRAME, is_waiting=True, now_s=BEHIND_S / 2) == [FRAME]
    assert written(gate, FRAME, is_waiting=False, now_s=BEHIND_S) == [FRAME]
    assert written(gate, FRAME, is_waiting=True, now_s=2 * BEHIND_S) == [FRAME]


def test_a_slow_line_gets_no_frame_until_it_is_free_and_all_else_at_once() -> None:
    gate = FrameGate()
    written(gate, FRAME, is_waiting=True, now_s=0.0)
    frame = (BEGIN_FRAME, FRAME, END_FRAME)
    assert written(gate, *frame, BELL, TITLE, is_waiting=True, now_s=1.0) == [BELL, TITLE]
    assert written(gate, *frame, is_waiting=False, now_s=9.0) == [*frame]


def test_a_frame_that_was_begun_is_written_to_its_end() -> None:
    gate = FrameGate()
    assert written(gate, BEGIN_FRAME, is_waiting=True, now_s=0.0) == [BEGIN_FRAME]
    assert written(gate, FRAME, END_FRAME, is_waiting=True, now_s=5.0) == [FRAME, END_FRAME]


def test_a_frame_that_was_left_out_leaves_its_end_out_too() -> None:
    gate = FrameGate()
    written(gate, FRAME, is_waiting=True, now_s=0.0)
    assert written(gate, BEGIN_FRAME, FRAME, is_waiting=True, now_s=1.0) == []
    assert written(gate, END_FRAME, is_waiting=False, now_s=1.1) == []
