"""The terminal's output side: one that vanishes holds nobody up."""

import io
from threading import Thread

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from typing_extensions import override

from trigdash.ui.terminal import Output

PATIENCE_S = 10.0


class Gone(io.StringIO):
    """A terminal that was closed."""

    @override
    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_is_gone_takes_every_write_and_lets_the_program_end() -> None:
    writer = WriterThread(Output(Gone()))  # type: ignore[arg-type]
    writer.start()

    def write_and_stop() -> None:
        for number in range(MAX_QUEUED_WRITES * 3):
            writer.write(f"{number}")
        writer.stop()

    ending = Thread(target=write_and_stop, daemon=True)
    ending.start()
    ending.join(PATIENCE_S)
    assert not ending.is_alive()
