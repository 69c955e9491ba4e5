"""Dotenv files: `NAME=value` lines, as the official CLI and most tools read them."""

from __future__ import annotations

import re

_LINE = re.compile(
    r"""^\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*=[ \t]*
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<plain>[^\n]*?))
    [ \t]*(?:(?<![^\s"'=])\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def parse_dotenv(text: str) -> dict[str, str]:
    """The variables of a file; a later line wins. Quoted values may span lines; escapes count in
    double quotes only. ValueError names the first line that cannot be read."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    found: dict[str, str] = {}
    rest: list[str] = []
    position = 0
    for match in _LINE.finditer(text):
        rest.append(text[position : match.start()])
        position = match.end()
        found[match["name"]] = _value(match)
    rest.append(text[position:])
    for line in "\n".join(rest).split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            # The line may contain a secret, so only its number is reported.
            number = text[: text.find(line)].count("\n") + 1
            raise ValueError(f"line {number} is no NAME=value")
    return found


def _value(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return re.sub(
            r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), match["double"], flags=re.DOTALL
        )
    if match["single"] is not None:
        return match["single"]
    return match["plain"] or ""
