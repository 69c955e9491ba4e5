"""What comes from the keyboard's side: pastes of anything, and a terminal that goes away."""

import os
import signal
from pathlib import Path

import pytest

from tests.end_to_end.conftest import TRIGDASH, Simulator, Start
from tests.terminal import Terminal
from trigdash.ui.input.paste_guard import END, START

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


def test_a_colored_text_pasted_over_the_list_presses_no_key(
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


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_dashboard_ends_when_it_is_told_to(
    start: Start, simulator: Simulator, number: signal.Signals
) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    # A terminal that closes tells its processes to go on, too, lest they sleep through it.
    os.kill(terminal.pid, signal.SIGCONT)
    os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == 128 + number
    assert "Traceback" not in terminal.text


def test_a_terminal_that_is_closed_ends_the_dashboard(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    assert terminal.hang_up() == 128 + signal.SIGHUP


def test_a_stopped_dashboard_goes_on_where_it_was(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    os.kill(terminal.pid, signal.SIGSTOP)
    # Typed and dragged while it sleeps.
    terminal.press("2")
    terminal.resize(90, 30)
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.wait_for("QUEUE")
    terminal.wait_for("live")
    assert len(terminal.lines[0]) <= 90


def test_ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_returns(
    simulator: Simulator, tmp_path: Path
) -> None:
    homes = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "PS1": "shell> "}
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, env=simulator.env | homes) as terminal:
        terminal.wait_for("shell>")
        terminal.press(" ".join(TRIGDASH), "enter")
        terminal.wait_for("live")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.press("echo still$((40 + 2))", "enter")
        terminal.wait_for("still42")
        terminal.press("fg", "enter")
        terminal.wait_for("live")
        terminal.press("2")
        terminal.wait_for("QUEUE")
        terminal.press("q")
        terminal.wait_for("shell>")


def test_ctrl_z_is_no_way_into_nowhere(start: Start, simulator: Simulator) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for("live")
    terminal.press("ctrl+z")
    terminal.wait_for("no shell here")
