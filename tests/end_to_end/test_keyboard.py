"""What comes from the keyboard's side: pastes of anything, and a terminal that goes away."""

import os
import signal

from tests.end_to_end.conftest import Simulator, Start
from trigdash.ui.paste_guard import END, START

GARBAGE = bytes(range(128, 256)) * 8
COLOURED = "\x1b[31merror\x1b[0mC y:quit q\x1b[1mq\n"


def pasted(text: bytes) -> bytes:
    return START.encode() + text + END.encode()


def test_bytes_that_are_no_text_are_survived(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    terminal.press("/")
    terminal.wait_for("tab status:")
    terminal.write(pasted(GARBAGE + b" task:send-email"))
    terminal.press("enter")
    terminal.wait_for("no match among")
    terminal.press("esc")
    terminal.wait_for("or any word")


def test_a_coloured_text_pasted_over_the_list_presses_no_key(
    start: Start, simulator: Simulator
) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    terminal.write(pasted(COLOURED.encode() * 500))
    terminal.press(":")
    terminal.write(pasted((COLOURED * 3000).encode()))
    terminal.wait_for("[0mC y:quit")
    terminal.press("esc")
    terminal.wait_for(lambda: "C y:quit" not in terminal.text)
    terminal.press("2")
    terminal.wait_for("QUEUE")
    assert terminal.exit_code is None


def test_an_escape_and_the_next_key_may_arrive_together(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    terminal.press("/")
    terminal.wait_for("tab status:")
    terminal.write(b"abc\x1b2")
    terminal.wait_for("QUEUE")
    assert "paused" not in terminal.lines[0], "what was typed into the line is no key of the list"
    terminal.write(b"/send\x1b\x1b1")
    terminal.wait_for("STATUS")
    terminal.write(b"/x\x1b")
    terminal.wait_for("or any word")
    terminal.write(b"[B")
    assert "[B" not in terminal.text
    # Keys that open a line are no quicker than the escape before them.
    terminal.write(b"\x1b:queues\r")
    terminal.wait_for("QUEUE")
    terminal.write(b"/x\x1b:runs\r")
    terminal.wait_for("STATUS")
    terminal.write(b"\x1b/no-such-word\r")
    terminal.wait_for("no match among")


def test_the_dashboard_ends_with_its_terminal(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    # A terminal that closes tells its processes to go on, too, lest they sleep through it.
    os.kill(terminal.pid, signal.SIGCONT)
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.wait_for_end()
    assert "Traceback" not in terminal.text
