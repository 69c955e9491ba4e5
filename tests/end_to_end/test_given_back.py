"""The terminal is given back as it was, and no key typed at the end holds the program there."""

import sys

from tests.terminal import Terminal

PROGRAM = """
import termios
from textual.app import App
from trigdash.ui.input.terminal import TerminalDriver

told = {}

def flags():
    attributes = termios.tcgetattr(0)
    return bool(attributes[0] & termios.IXON), bool(attributes[3] & termios.ICANON)

class Telling(TerminalDriver):
    def stop_application_mode(self):
        super().stop_application_mode()
        told["left"] = flags()
    def close(self):
        super().close()
        told["closed"] = flags()

class Ending(App):
    def get_driver_class(self):
        return Telling
    def on_ready(self):
        told["running"] = flags()
        self.exit()

told["before"] = flags()
Ending().run()
print(sorted(told.items()))
"""


def test_keys_that_stop_a_terminal_do_so_again_once_all_is_written() -> None:
    with Terminal([sys.executable, "-c", PROGRAM]) as terminal:
        assert terminal.wait_for_end() == 0
        told = [("before", (True, True)), ("closed", (True, True)), ("left", (False, True))]
        assert str([*told, ("running", (False, False))]) in terminal.text.replace("\n", "")
