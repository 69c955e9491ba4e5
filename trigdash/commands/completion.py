"""Shell completion: a script for each shell, which asks trigdash for the candidates."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from trigdash.commands.parser_tree import inner

SHELLS = ("bash", "zsh", "fish")

_SCRIPTS = {
    "bash": """\
_trigdash() {
    local IFS=$'\\n'
    COMPREPLY=($(trigdash complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _trigdash trigdash
""",
    "zsh": """\
#compdef trigdash
_trigdash() {
    local -a found
    found=("${(@f)$(trigdash complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    compadd -a found
}
compdef _trigdash trigdash
""",
    "fish": """\
function __trigdash
    set -l words (commandline -opc) (commandline -ct)
    trigdash complete -- $words[2..-1] 2>/dev/null
end
complete -c trigdash -f -a '(__trigdash)'
""",
}


def script(shell: str) -> str:
    """The completion script of a shell. It belongs where the shell looks for such files."""
    return _SCRIPTS[shell]


def candidates(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """Candidates for the last word; the words before it choose the command."""
    *before, typed = words or [""]
    current = parser
    option: argparse.Action | None = None
    for word in before:
        if option is not None:
            option = None
        elif word.startswith("-"):
            option = _taking_value(current, word)
        else:
            current = inner(current).get(word, current)
    if option is not None:
        return [str(each) for each in option.choices or () if str(each).startswith(typed)]
    return sorted(each for each in _offers(current, typed) if each.startswith(typed))


def _offers(parser: argparse.ArgumentParser, typed: str) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (each.dest for each in action._choices_actions)
        elif action.option_strings:
            if typed.startswith("-"):
                yield from action.option_strings
        else:
            yield from map(str, action.choices or ())


def _taking_value(parser: argparse.ArgumentParser, word: str) -> argparse.Action | None:
    """The option that a word names, if it takes a value."""
    if "=" in word:
        return None
    for action in parser._actions:
        if word in action.option_strings:
            return action if action.nargs != 0 else None
    return None
