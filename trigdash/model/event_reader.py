"""From the bytes of an events answer to columns, entry by entry, in bounded memory.

The text is decoded window by window, so a log of hundreds of megabytes never exists a second time
as text or as a million dictionaries.
"""

from __future__ import annotations

import codecs
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trigdash.model.clean import clean, clean_text, one_line
from trigdash.model.json_walk import Walk
from trigdash.model.span_event import LEVELS, SpanEvent, SpanFlag, span_events

MAX_EVENTS = 1_000_000
"""Entries held; the server itself stops at 25,000 records today."""
MAX_ICONS = 255
"""The most different icons, each stored as a byte. There are about twenty, plus the users' own."""
WINDOW = 1 << 20
"""Bytes decoded at a time; grows while a single entry is larger."""

_LEVEL_INDEX = {name: index for index, name in enumerate(LEVELS)}
_ERROR, _PARTIAL, _CANCELED = (flag.value for flag in SpanFlag)
_MAX_NS = 1 << 62


class EventReader:
    """Columns under construction, in the order of the answer."""

    def __init__(self) -> None:
        self.run_id = ""
        self.dropped = 0
        self.unreadable = 0
        """Entries that could not be read, or not all of them."""
        self._leading = 0
        """Entries at the beginning without a time."""
        self.start_ns = array("q")
        self.duration_ns = array("q")
        self.span = array("Q")
        self.parent = array("Q")
        self.level = bytearray()
        self.flags = bytearray()
        self.attempt = array("i")
        self.icon = bytearray()
        self.icons: dict[str, int] = {"": 0}
        self.messages: list[str] = []
        self.events: dict[int, tuple[SpanEvent, ...]] = {}
        self.notes: dict[int, str] = {}
        self.warm: dict[int, bool] = {}

    def read(self, body: bytes) -> None:
        """Take every entry of an answer. ValueError when it is not one."""
        for entry in _entries(body):
            if len(self.messages) >= MAX_EVENTS:
                self.dropped += 1
            elif isinstance(entry, dict):
                self._take(entry)
            else:
                self.unreadable += 1
        self._place_leading()

    def _start_before(self, number: int) -> int:
        """Entries come nearly in order, so one without a time is placed with the previous one.
        Those at the very beginning wait for the first entry with a time."""
        if number > self._leading:
            return self.start_ns[number - 1]
        self._leading += 1
        return 0

    def _place_leading(self) -> None:
        if not self._leading:
            return
        if self._leading == len(self.start_ns):
            raise ValueError("no event says when it was")
        for number in range(self._leading):
            self.start_ns[number] = self.start_ns[self._leading]

    def order(self) -> Sequence[int]:
        """Entry numbers by time; those of one moment stay in the order of the answer."""
        starts = self.start_ns
        numbers = range(len(starts))
        ordered = all(starts[i] <= starts[i + 1] for i in range(len(starts) - 1))
        return numbers if ordered else sorted(numbers, key=starts.__getitem__)

    def _take(self, entry: dict[str, Any]) -> None:
        number = len(self.messages)
        start_ns, is_odd = _whole(entry.get("startTime")), False
        if start_ns is None:
            start_ns, is_odd = self._start_before(number), True
        duration = entry.get("duration")
        duration_ns = _whole(duration)
        message = entry.get("message")
        is_odd |= duration is not None and duration_ns is None
        is_odd |= not isinstance(message, str | None)
        self.unreadable += is_odd
        self.start_ns.append(start_ns)
        self.duration_ns.append(duration_ns or 0)
        self.span.append(_hex(entry.get("spanId")))
        self.parent.append(_hex(entry.get("parentId")))
        self.level.append(_LEVEL_INDEX.get(str(entry.get("level")), 0))
        self.flags.append(
            (_ERROR if entry.get("isError") is True else 0)
            | (_PARTIAL if entry.get("isPartial") is True else 0)
            | (_CANCELED if entry.get("isCancelled") is True else 0)
        )
        self.attempt.append(min(_whole(entry.get("attemptNumber")) or 0, 0x7FFF_FFFF))
        self.messages.append(clean_text(message) if isinstance(message, str) else "")
        style = entry.get("style")
        self.icon.append(self._take_style(number, style) if style else 0)
        run_id = entry.get("runId")
        if not self.run_id and isinstance(run_id, str):
            self.run_id = one_line(run_id)
        if told := span_events(entry.get("events"), start_ns):
            self.events[number] = told

    def _take_style(self, number: int, style: object) -> int:
        """Keep what the style adds; the number of its icon."""
        if not isinstance(style, Mapping):
            return 0
        note = _accessory(style.get("accessory"))
        if note:
            self.notes[number] = note
        variant = style.get("variant")
        if variant in ("warm", "cold"):
            self.warm[number] = variant == "warm"
        icon = style.get("icon")
        if not isinstance(icon, str):
            return 0
        if icon not in self.icons and len(self.icons) > MAX_ICONS:
            return 0
        return self.icons.setdefault(icon, len(self.icons))


def _entries(body: bytes) -> Iterator[Any]:
    """The values of the `events` array, decoding a window of the body at a time."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    at, size, walk, inside = 0, WINDOW, Walk(""), None
    while at < len(body) or not at:
        part = body[at : at + size]
        at += max(len(part), 1)
        walk = Walk(walk.text[walk.at :] + decode(part, at >= len(body)))
        size *= 2
        before = 0
        try:
            inside = _enter_events(walk) if inside is None else inside
            while inside:
                before = walk.at
                if inside := walk.another("]"):
                    value = walk.value()
                    size = WINDOW
                    yield value
        except ValueError:
            # An entry that is cut at the window's end is read again, whole, with the next window.
            if at >= len(body):
                raise
            walk.at = before
    # An answer with something after its end was damaged on its way: it is no whole log.
    walk.leave()


def _enter_events(walk: Walk) -> bool:
    """Step into the `events` array; ValueError when the answer is something else."""
    walk.enter("{")
    while walk.another("}"):
        if walk.key() == "events":
            walk.enter("[")
            return True
        walk.value()
    raise ValueError("no events in the answer")


def _whole(value: object) -> int | None:
    """A count of nanoseconds; times come as text and durations as numbers. None for absurd
    values."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < _MAX_NS else None


def _hex(value: object) -> int:
    if not isinstance(value, str):
        return 0
    try:
        return int(value, 16) & 0xFFFF_FFFF_FFFF_FFFF
    except ValueError:
        return hash(value) & 0xFFFF_FFFF_FFFF_FFFF


def _accessory(accessory: object) -> str:
    """The texts of an accessory. Recorded: items are a list, or an object with keys 0, 1 …"""
    items = accessory.get("items") if isinstance(accessory, Mapping) else None
    if isinstance(items, Mapping):
        items = list(items.values())
    if not isinstance(items, list):
        return ""
    texts = (item.get("text") for item in items if isinstance(item, Mapping))
    return " ".join(clean(text) for text in texts if isinstance(text, str) and text)
