"""Someone opens trigdash and watches: the demo, a server of their own, a server that goes away."""

import os
import signal
import time
from pathlib import Path

from tests.end_to_end.conftest import Simulator, Start, start_simulator
from tests.terminal import Terminal


def run_lines(terminal: Terminal) -> list[str]:
    return [line for line in terminal.lines if " run_" in line]


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int, timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        os.sched_yield()
    return True


def test_the_demo_shows_runs_that_change_by_themselves(start: Start) -> None:
    terminal = start("demo", "--speed", "5")
    terminal.wait_for(lambda: len(run_lines(terminal)) > 10)
    first = run_lines(terminal)[0].split("run_")[1][:20]
    terminal.wait_for(lambda: first not in run_lines(terminal)[0])
    assert "Acme Jobs" in terminal.lines[0]
    assert "last 7 days" in terminal.lines[0]


def test_the_demo_takes_its_simulator_along_when_it_ends(start: Start) -> None:
    terminal = start("demo")
    terminal.wait_for(lambda: bool(run_lines(terminal)))
    simulators = children_of(terminal.pid)
    assert simulators
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert all(wait_until_gone(pid) for pid in simulators)


def test_the_demos_simulator_ends_even_when_the_demo_is_killed(start: Start) -> None:
    terminal = start("demo")
    terminal.wait_for(lambda: bool(run_lines(terminal)))
    simulators = children_of(terminal.pid)
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.wait_for_end()
    assert all(wait_until_gone(pid) for pid in simulators)


def test_the_environment_variables_of_the_official_tools_are_enough(
    start: Start, simulator: Simulator
) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for(lambda: len(run_lines(terminal)) > 10)
    terminal.wait_for("live")
    assert simulator.ready["secret_key"].encode() not in terminal.output


def test_a_server_that_goes_away_and_comes_back_is_said_and_survived(
    start: Start, simulator: Simulator
) -> None:
    terminal = start(env=simulator.env)
    terminal.wait_for(lambda: len(run_lines(terminal)) > 10)
    shown = {line.split("run_")[1][:20] for line in run_lines(terminal)}
    simulator.stop()
    terminal.wait_for("cannot reach the server")
    assert {line.split("run_")[1][:20] for line in run_lines(terminal)} & shown
    again = start_simulator("--port", str(simulator.port))
    try:
        terminal.wait_for(
            lambda: "live" in terminal.lines[0] and "cannot reach" not in terminal.text,
            timeout_s=60,
        )
    finally:
        again.stop()


def test_it_waits_for_a_server_that_is_not_there_yet(start: Start) -> None:
    gone = start_simulator()
    gone.stop()
    terminal = start(env=gone.env)
    terminal.wait_for("cannot reach the server")
    again = start_simulator("--port", str(gone.port))
    try:
        terminal.wait_for(lambda: len(run_lines(terminal)) > 10, timeout_s=60)
    finally:
        again.stop()


def test_a_refused_key_is_said_in_words(start: Start, simulator: Simulator) -> None:
    wrong = simulator.env | {"TRIGGER_SECRET_KEY": "tr_prod_wrongwrongwrongwrong"}
    terminal = start(env=wrong)
    terminal.wait_for("does not accept this key")
    assert b"wrongwrongwrong" not in terminal.output
