"""Takes secrets out of texts that a server sent, before anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from trigdash.secret import Secret

_LOOKS_SECRET = re.compile(
    r"\btr_[a-z]+_[A-Za-z0-9_.\-]{6,}"  # keys and tokens of Trigger.dev
    r"|\bpk_[a-z]+_[A-Za-z0-9]{6,}"
    # JSON web tokens, looked for once in each word: a text may have millions of beginnings.
    r"|(?<![\w\-])(?=[\w\-]*+\.[\w\-]{8})[\w\-]*?\beyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]*)?"
    r"|(?i:(?<=bearer )[\w.~+/=\-]{8,})"
    r"|(?i:(?:x-amz-signature|x-amz-credential|signature)=)[^&\s\"']+"
)
_SHORTEST = 6
"""A shorter secret is not searched for: it would tear holes into ordinary words."""


def redact(text: str, secrets: Iterable[Secret] = ()) -> str:
    """The text with the given secrets, and whatever looks like one, replaced by stars. A secret is
    found as it is and as an address writes it."""
    values = (secret.reveal() for secret in secrets)
    # The longest first: one may be a part of another.
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = re.sub("".join(map(_either_form, value)), "***", text)
    return _LOOKS_SECRET.sub("***", text)


def _either_form(character: str) -> str:
    """A pattern for a character as it is and percent-encoded. Secrets are ASCII."""
    return f"(?:{re.escape(character)}|(?i:%{ord(character):02x}))"
