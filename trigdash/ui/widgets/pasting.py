"""Pasting into one line: what can stand there, and a word on what does not fit."""

from __future__ import annotations

from textual.widgets import Input


def paste(line: Input, text: str) -> None:
    """Paste several lines as one. What is left out is said."""
    words = "".join(c for c in " ".join(text.split()) if c.isprintable())
    start, end = sorted(line.selection)
    room = len(words)
    if line.max_length:
        room = max(line.max_length - len(line.value) + end - start, 0)
    before = line.value
    line.replace(words[:room], start, end)
    if words and line.value == before:
        _warn(line, "this cannot be pasted here")
    elif len(words) > room:
        _warn(line, f"only {room:,} of {len(words):,} pasted characters fit here")


def _warn(line: Input, words: str) -> None:
    line.app.notify(words, severity="warning", markup=False)
