"""The one place where text from the wire is made safe for a terminal.

Textual and Rich pass ESC, C1 controls, bidi overrides and zero-width characters through to the
terminal, where they can replace the clipboard, clear the screen or disguise a name. Every text is
cleaned once, where data enters, and reaches widgets only as Text, Content or segments.
"""

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """One line of safe text: each control, bidi or invisible character becomes U+FFFD."""
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)


def clean_lines(text: str, tab_size: int = 4) -> list[str]:
    """Safe lines of a longer text: split at line ends, tabs expanded, each line cleaned."""
    return [clean(line.expandtabs(tab_size)) for line in re.split(r"\r\n|\n|\r", text)]


def one_line(text: str) -> str:
    """A text of any length on one safe line; its line ends become `⏎`."""
    return text if text.isprintable() else " ⏎ ".join(clean_lines(text))
