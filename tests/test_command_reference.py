"""The page of commands says what the program takes, and completion offers it."""

from __future__ import annotations

import sys

import pytest

from tests.command_reference import (
    DOCS,
    HELP,
    KEYS,
    MANUAL,
    PAGE,
    written,
    written_help,
    written_keys,
    written_manual,
)
from trigdash.cli import main, whole_parser
from trigdash.commands.completion import SHELLS, candidates
from trigdash.commands.exit_codes import MEANINGS, ExitCode
from trigdash.commands.nouns import NOUNS
from trigdash.commands.parser_tree import flags, leaves
from trigdash.config import setting_kinds


def test_the_page_of_commands_is_what_the_program_takes() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "run: make docs"


def test_the_manual_page_is_what_the_program_takes() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    assert text == written_manual(), "run: make docs"
    for words, parser in LEAVES.items():
        assert f".SS trigdash {' '.join(words)}" in text
        for action in flags(parser):
            assert action.option_strings[-1].replace("-", "\\-") in text


def test_the_page_of_keys_is_what_the_program_binds() -> None:
    assert KEYS.read_text(encoding="utf-8") == written_keys(), "run: make docs"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse lays help out differently")
def test_the_help_of_each_command_is_as_it_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    kept = {path.name: path.read_text(encoding="utf-8") for path in HELP.iterdir()}
    assert kept == written_help(), "run: make docs, and look at what changed"


PARSER = whole_parser()
LEAVES = dict(leaves(PARSER))


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_each_word_and_flag_of_a_command_is_completed(words: tuple[str, ...]) -> None:
    for at, word in enumerate(words):
        assert word in candidates(PARSER, [*words[:at], word[:-1]])
    for action in flags(LEAVES[words]):
        for option in action.option_strings:
            assert option in candidates(PARSER, [*words, option[:-1]])
        if action.choices:
            offered = candidates(PARSER, [*words, action.option_strings[-1], ""])
            assert offered == list(map(str, action.choices))


def test_the_page_of_settings_has_a_row_for_each_setting_and_for_no_other() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    tables = text.split("\n### ")[1:]
    tables[-1] = tables[-1].split("\n## ")[0]
    rows = {line.split("`")[1] for table in tables for line in table.splitlines() if "| `" in line}
    assert rows == {*setting_kinds.PROFILE, *setting_kinds.TOP}


@pytest.mark.parametrize("name", [noun.name for noun in NOUNS])
def test_every_noun_has_a_section_and_completes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"## trigdash {name}" in PAGE.read_text(encoding="utf-8")
    assert main(["complete", "--", name[:-1]]) == 0
    assert name in capsys.readouterr().out.split()


def test_completion_offers_verbs_flags_and_choices() -> None:
    parser = whole_parser()
    assert candidates(parser, ["runs", "wa"]) == ["watch"]
    assert candidates(parser, ["--profile", "x", "runs", "li"]) == ["list"]
    assert candidates(parser, ["runs", "list", "--lim"]) == ["--limit"]
    assert candidates(parser, ["runs", "list", "-o", "js"]) == ["json", "jsonl"]
    assert candidates(parser, ["runs", "nonsense", "x"]) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_script_asks_the_program(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    assert "trigdash complete --" in capsys.readouterr().out


def test_help_tells_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "exit-codes"]) == 0
    told = capsys.readouterr().out
    assert all(f"{code.value:>4}  " in told for code in ExitCode)
    assert set(MEANINGS) == set(ExitCode)
