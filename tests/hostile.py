"""Texts that try to act on a terminal or to look like others, and what of them must not get out."""

CLIPBOARD = "\x1b]52;c;cHduZWQ=\x1b\\"
CLEAR = "\x1b[2J"
TITLE = "\x1b]2;pwned\x07"
LINK = "\x1b]8;;http://evil.example\x1b\\text\x1b]8;;\x1b\\"
COLORED = "\x1b[31m✖ failed\x1b[0m done"
CSI_C1 = "\x9b31m"
OSC_C1 = "\x9d2;pwned\x9c"
OVERRIDE = "\u202etxt.exe"
ISOLATE = "\u2066a\u2069\u061c\u200e\u200f"
ZERO_WIDTH = "ad\u200bm\u200ci\u200dn\ufeff"
INVISIBLE = "a\u2061\u2062\u2063\u2064\xad\u3164b"
TAG_LETTERS = "a\U000e0001\U000e0068\U000e0069\U000e007f"
SELECTORS = "a\U000e0101\ufe01"
NULL = "a\x00b\x7fc\x0e"
RESET = "\x1bc\x1b(0"
UNFINISHED = "\x1b]52;c;"
HALF = "half \ud83d"
LINES = "a\u2028b\u2029c\x85d"
ACTION = "[@click=app.quit]press[/]"
MARKUP = "[/path/x] arr[i] [link=http://x]y"

UNSAFE = (
    CLIPBOARD,
    CLEAR,
    TITLE,
    LINK,
    COLORED,
    CSI_C1,
    OSC_C1,
    OVERRIDE,
    ISOLATE,
    ZERO_WIDTH,
    INVISIBLE,
    TAG_LETTERS,
    SELECTORS,
    NULL,
    RESET,
    UNFINISHED,
    HALF,
    LINES,
)
CORPUS = (*UNSAFE, ACTION, MARKUP)

FORMULAS = ("=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", '=HYPERLINK("http://x";"y")')
"""Texts that a spreadsheet would run."""

NEVER = frozenset(
    "\x00\x0e\x7f\x85\x9b\x9c\x9d\xad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202e"
    "\u2061\u2062\u2063\u2064\u2066\u2069\u3164\ufe01\ufeff"
    "\U000e0001\U000e0068\U000e0069\U000e007f\U000e0101"
)
"""Characters of the corpus that no terminal is sent. ESC is how every frame is drawn."""

SEQUENCES = (
    b"\x1b]52;c;cHduZWQ=",
    b"\x1b]52;c;\x1b",
    b"\x1b]2;pwned",
    b"\x1b]8;",
    b"\x1bc",
    b"\x1b(0",
)


def forbidden_in(output: bytes) -> list[str]:
    """What of the corpus is in what a terminal was sent."""
    text = output.decode("utf-8", "replace")  # a read may end within a character
    found = [ascii(character) for character in sorted(NEVER) if character in text]
    return found + [repr(sequence) for sequence in SEQUENCES if sequence in output]
