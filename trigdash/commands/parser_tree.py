"""The commands of a parser, and their flags."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping


def inner(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """The direct subcommands, by their word."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return {}


def leaves(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Every command without subcommands, with the words that select it."""
    below = inner(parser)
    if not below:
        yield words, parser
    for word, sub in below.items():
        yield from leaves(sub, (*words, word))


def flags(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The flags of one command."""
    return [action for action in parser._actions if action.option_strings]
