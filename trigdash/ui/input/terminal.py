"""The terminal's keyboard side: no bytes that arrive end the program or act on their own. Imports
little, since it is imported before the first frame.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import selectors
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, TextIO, cast

from rich.cells import cell_len
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message
from typing_extensions import override

from trigdash.config.terminal import UTF_8, forget_output, terminal_encoding
from trigdash.presentation.marks import ASCII_MARKS
from trigdash.presentation.outside import notification
from trigdash.ui.frame_diff import FrameDiff, paints_only
from trigdash.ui.input.paste_guard import PasteCut, PasteGuard

READ_BYTES = 1 << 16
WAIT_S = 0.1
"""Seconds between checks for a lone escape and for the end of the program."""


class TerminalOutput:
    """Output to a terminal that may vanish; then writes are discarded. Without this, Textual's
    writer thread died, its queue filled, and the program waited forever at its end.
    """

    def __init__(self, file: TextIO, encoding: str = UTF_8, *, is_ascii: bool = False) -> None:
        """What the encoding lacks becomes `?`, as wide as it was; `is_ascii` draws with ASCII
        first."""
        self._file = file.buffer
        self._encoding = encoding
        self._is_ascii = is_ascii
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write what can be written."""
        if not text.isascii():
            if self._is_ascii:
                text = text.translate(DRAWN_IN_ASCII)
            if self._encoding != UTF_8:
                text = _SIGN.sub(self._writable, text)
        with suppress(OSError):
            self._file.write(text.encode(self._encoding, "replace"))

    def flush(self) -> None:
        """Flush the output. A vanished terminal is not tried again, not even at the end of the
        program: the exit code tells what ended it."""
        try:
            self._file.flush()
        except OSError as problem:
            if problem.errno == errno.EIO:
                forget_output(self.fileno())

    def _writable(self, sign: re.Match[str]) -> str:
        try:
            sign[0].encode(self._encoding)
        except UnicodeEncodeError:
            return "?" * cell_len(sign[0])
        return sign[0]


_SIGN = re.compile("(?:[^\x00-\x7f]|[#*0-9](?=\ufe0f))(?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d.)*")
"""A character with what makes one sign of it: the color of a hand, the members of a family."""

DRAWN_IN_ASCII = ASCII_MARKS | str.maketrans("╭╮╰╯┌┐┘┏┓┗┛┬┃║═▔▎▊▋▍", "++++++++++++||=-||||")
DRAWN_IN_ASCII[ord("🔎")] = "> "
"""Our own marks, and what Textual's widgets draw with."""


_UNTITLED = ("linux", "dumb")
"""Terminals that show a title as text or not at all."""
_KEEP_TITLE, _OLD_TITLE = "\x1b[22;2t", "\x1b[23;2t"


BEHIND_S = 0.25
"""Seconds that what was written may wait for the line before frames are dropped."""
LOOK_S = 0.05
"""How often it is looked whether the line has caught up."""
BEGIN_FRAME, END_FRAME = "\x1b[?2026h", "\x1b[?2026l"


class FrameGate:
    """Drops frames that a slow line has no room for. Otherwise frames would queue up until nothing
    could be written and no key handled. Other output is never dropped."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        """Since when something has waited for the line, on the monotonic clock."""
        self._is_inside = self._is_closed = False

    def lets_through(self, data: str, *, is_waiting: bool, now_s: float) -> bool:
        """Whether to write this. A frame is written whole or not at all, with its marks."""
        if not is_waiting:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        if data == BEGIN_FRAME or not self._is_inside:
            self._is_closed = self._since_s is not None and now_s - self._since_s >= BEHIND_S
        self._is_inside = data == BEGIN_FRAME or (self._is_inside and data != END_FRAME)
        if not self._is_closed:
            return True
        return data not in (BEGIN_FRAME, END_FRAME) and not paints_only(data)


class TerminalDriver(LinuxDriver):
    """Textual's driver, with another input loop. Textual's own ends the program on a byte that is
    not UTF-8, such as in a paste from an older file, and reads keys from escape sequences within a
    paste.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        assert self._file is not None, "the dashboard is not begun without a terminal"
        encoding = terminal_encoding(os.environ, self._file)
        is_ascii = bool(getattr(self._app, "ascii_marks", False))
        self._file = cast("Any", TerminalOutput(self._file, encoding, is_ascii=is_ascii))
        self._frames = FrameDiff()
        self._frames_size: object = None
        self._gate = FrameGate()
        self._catching_up: asyncio.TimerHandle | None = None
        self._has_title = False

    @override
    def write(self, data: str) -> None:
        """Write what the terminal does not show already."""
        with suppress(OSError):
            size = os.get_terminal_size(cast("Any", self._file).fileno())
            if size != self._frames_size:
                self._frames_size = size
                self._frames.forget()
        if self._gate.lets_through(data, is_waiting=self._is_waiting, now_s=monotonic()):
            super().write(self._frames.slim(data))
        elif self._catching_up is None:
            self._catching_up = self._loop.call_later(LOOK_S, self._catch_up)

    @property
    def _is_waiting(self) -> bool:
        """Whether something that was written before still waits for the line."""
        return self._writer_thread is not None and not self._writer_thread._queue.empty()

    def _catch_up(self) -> None:
        """Draw the present frame after dropped ones, once the line is free."""
        self._catching_up = None
        if self._is_waiting:
            self._catching_up = self._loop.call_later(LOOK_S, self._catch_up)
        elif self._app.is_running and self._app.screen_stack:
            app, screen = self._app, self._app.screen
            below = app._background_screens
            app._display(screen, screen._compositor.render_update(full=True, screen_stack=below))

    def set_title(self, title: str) -> None:
        """Show a clean text as the terminal's title; the console of the system has none."""
        if os.environ.get("TERM", "").partition("-")[0] in _UNTITLED:
            return
        if not self._has_title:
            self._has_title = True
            super().write(_KEEP_TITLE)
        super().write(f"\x1b]2;{title}\x07")

    def announce(self, words: str) -> None:
        """Ask the terminal for a notification of its system; the console has none."""
        if os.environ.get("TERM", "").partition("-")[0] not in _UNTITLED:
            super().write(notification(words))

    @override
    def stop_application_mode(self) -> None:
        """Give the terminal back, its title as it was."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            self._catching_up = None
        if self._has_title:
            self._has_title = False
            super().write(_OLD_TITLE)
        before = self.attrs_before
        # A ctrl+s that is typed now would stop what is still to be written, and the program's end.
        self.attrs_before = before and [before[0] & ~termios.IXON, *before[1:]]
        super().stop_application_mode()
        self.attrs_before = before

    @override
    def close(self) -> None:
        """Write all that is left, then give back the keys that stop and start a terminal."""
        super().close()
        if self.attrs_before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Give the terminal to another program while the block lasts."""
        self.suspend_application_mode()
        try:
            with self.no_automatic_restart():
                yield
        finally:
            self._frames.forget()
            self.resume_application_mode()

    @property
    @override
    def can_suspend(self) -> bool:
        """Whether a shell with job control started this program. If it is the only program in its
        terminal, nothing could resume it."""
        return os.getpgrp() != os.getsid(0)

    @override
    def _get_terminal_size(self) -> tuple[int, int]:
        """The size of the terminal that is drawn on, regardless of standard output and COLUMNS."""
        try:
            width, height = os.get_terminal_size(self.fileno)
        except (OSError, ValueError):
            return super()._get_terminal_size()
        return width or 80, height or 25

    @override
    def _sigcont_application(self, *_: object) -> None:
        """Resume after a suspend. A program that was not suspended gets this signal as well when
        its terminal closes, and must not start to read and write a second time."""
        if self._must_signal_resume:
            super()._sigcont_application()

    @override
    def run_input_thread(self) -> None:
        """Read, until the program ends or the terminal is gone."""
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            try:
                self._read(selector)
            except OSError:
                # The terminal was closed. A signal says so too, but not to every process.
                self._app.call_later(self._app.exit)
            else:
                # What is still on its way must not end up in the shell.
                if selector.select(WAIT_S):
                    os.read(self.fileno, READ_BYTES)

    def _read(self, selector: selectors.SelectSelector) -> None:
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        guard, parser = PasteGuard(), XTermParser(self._debug)
        held = ""
        while not self.exit_event.is_set():
            text = held
            if selector.select(WAIT_S):
                data = os.read(self.fileno, READ_BYTES)
                if not data:
                    # No keyboard, such as a file that is read to its end: nothing more will come.
                    self.exit_event.wait()
                text, held = held_back(held + guard.feed(decode(data)))
            else:
                held = ""
            self._type(text, parser)
            self._press(parser.tick())
            if dropped := guard.take_dropped():
                self.process_message(PasteCut(dropped))

    def _type(self, text: str, parser: XTermParser) -> None:
        """Read keys from a text. At the end of one, an escape is the key: what would belong to it
        did not come in time."""
        first, *more = lone_escapes(text)
        self._press(parser.feed(first) if first else ())
        for keys in more:
            self.process_message(Key("escape", "\x1b"))
            self._press(parser.feed(keys) if keys else ())

    def _press(self, found: Iterable[Message]) -> None:
        for message in found:
            self.process_message(message)


_LONE_ESCAPE = re.compile(r"\x1b(?=[\x01-\x08\n-\x1b -~])(?![NOPX\[\\\]^_bf])|\x1b$")
"""An escape that is not the start of a longer sequence: of keys, of mice, of the terminal's
answers, or of a word to the left or right, which some terminals send as letters."""


def lone_escapes(text: str) -> list[str]:
    """The text in pieces, an escape key between each two. A terminal multiplexer waits to see what
    follows an escape and then sends both at once: `esc` `g` is no `alt+g`, which means nothing."""
    return _LONE_ESCAPE.split(text)


def held_back(text: str) -> tuple[str, str]:
    """The text, and an escape at its end that is to be read with what comes next."""
    return (text[:-1], text[-1]) if text.endswith("\x1b") else (text, "")
