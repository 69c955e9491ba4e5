"""The one place where text from the wire is made safe for a terminal.

Textual and Rich pass ESC, C1 controls, bidi overrides and zero-width characters through to the
terminal, where they can replace the clipboard, clear the screen or disguise a name. Every text is
cleaned once, where data enters, and reaches widgets only as Text, Content or segments.
"""

import re
from collections.abc import Callable

UNKNOWN = "\ufffd"
"""Stands for a character that is not shown."""

_NEVER = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # invisible
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # format
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tag letters
    "\ud800-\udfff"
)
_SUSPECT = re.compile(f"[{_NEVER}\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# What a joiner or a variation selector may follow: it is a part of what people write there.
_JOINING = ("\u0600\u109f", "\u1780\u18af", "\ua800\uabff")
"""Letters spelled with joiners: of Arabic, of the scripts of India and their neighbors."""
_PICTURE = ("\u2190\u2bff", "\u3030\u303d", "\u3297\u3299", "\ufe0f\ufe0f", "\U0001f000\U0001faff")
_VARIED = (
    *("##", "**", "09", "\xa9\xa9", "\xae\xae"),
    *("\u1000\u18af", "\u2000\u2027", "\u2030\ufdff", "\U00010000\U0003ffff"),
)
"""Signs that variation selectors 1 to 16 make a picture or a text of."""
_IDEOGRAPH = ("\u3400\u9fff", "\uf900\ufaff", "\U00020000\U0003ffff")

_SURROGATES = re.compile("[\ud800-\udfff]")

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colors, moves, clearing
    r"|\x1b\][^\x00-\x08\x0a-\x1f\x7f]*(?:\x07|\x1b\\)"  # OSC: titles, links, the clipboard
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1b[ -/]+[0-~]"  # character sets
    r"|\x1b[0-OQ-WYZ\\`-~]"  # save, restore, reset, keypad …
    # Their 8-bit forms, only in combinations that do not occur by accident: decoded wrongly, `›` is
    # a lone C1.
    r"|\x9b[0-?]+[ -/]*[@-~]"
    r"|\x9d[^\x00-\x08\x0a-\x1f\x7f-\x9f]*(?:\x07|\x9c)"
)
"""Escape sequences of the known forms (ECMA-48), which are taken out whole."""


def is_clean(text: str) -> bool:
    """Whether a text can be shown as it is: one line without anything unsafe."""
    if text.isascii():
        return text.isprintable()
    if _SUSPECT.search(text) is None:
        return True
    return not any(map(_is_unsafe, _SUSPECT.finditer(text)))


def clean(text: str) -> str:
    """One line of safe text: escape sequences are taken out, and each other control, bidi or
    invisible character becomes U+FFFD."""
    return text if is_clean(text) else replace_unsafe(without_sequences(text), _unknown)


def clean_lines(text: str, tab_size: int = 4) -> list[str]:
    """Safe lines of a longer text: split at line ends, tabs expanded, each line cleaned."""
    lines = re.split(r"\r\n|\n|\r", without_sequences(text))
    return [clean(line.expandtabs(tab_size)) for line in lines]


def clean_text(text: str) -> str:
    """Safe text of several lines, joined with a line feed."""
    return text if is_clean(text) else "\n".join(clean_lines(text))


def one_line(text: str) -> str:
    """A text of any length on one safe line; its line ends become `⏎`."""
    return text if is_clean(text) else " ⏎ ".join(clean_lines(text))


def without_sequences(text: str) -> str:
    """A text without the escape sequences that a terminal knows, such as those of colors."""
    return _SEQUENCES.sub("", text) if "\x1b" in text or "\x9b" in text or "\x9d" in text else text


def replace_unsafe(text: str, replacement: Callable[[str], str]) -> str:
    """A text in which each character that is not safe is written in another way."""

    def written(found: re.Match[str]) -> str:
        return replacement(found[0]) if _is_unsafe(found) else found[0]

    return _SUSPECT.sub(written, text)


def _is_unsafe(found: re.Match[str]) -> bool:
    """Whether a suspect character is unsafe at its position."""
    character, at = found[0], found.start()
    before, after = found.string[at - 1 : at], found.string[at + 1 : at + 2]
    if character == "\u200c":
        return not _within(before, _JOINING)
    if character == "\u200d":
        in_emoji = _within(before, _PICTURE) and _within(after, _PICTURE)
        return not (in_emoji or _within(before, _JOINING))
    if "\ufe00" <= character <= "\ufe0f":
        return not _within(before, _VARIED)
    if "\U000e0100" <= character <= "\U000e01ef":
        return not _within(before, _IDEOGRAPH)
    return True


def _within(character: str, ranges: tuple[str, ...]) -> bool:
    """Whether a character is in one of some ranges, each its first and its last; none is not."""
    return any(each[0] <= character <= each[1] for each in ranges)


def _unknown(_character: str) -> str:
    return UNKNOWN


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def pasteable(text: str) -> str:
    """A text that is harmless when it is pasted into a terminal: without control characters other
    than tabs and line feeds, since some end a paste and start to type."""
    return _CONTROLS.sub("", encodable(text))


def encodable(text: str) -> str:
    """A text that every UTF encoding can write: halves of a character, as text that was cut in the
    middle of an emoji has, become U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub(UNKNOWN, text)
