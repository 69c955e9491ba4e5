"""Dotenv files, and what an import of one changes."""

from __future__ import annotations

import pytest

from trigdash.model.dotenv import parse_dotenv
from trigdash.service.variables import differences, import_changes

FILE = """\
# a comment
A=1
export B = two words # said
C="x\\ny" # said
D='raw \\n #'
E=
F="several
lines"
A=3
G=a#b
"""


def test_a_file_is_read_as_other_tools_read_it() -> None:
    assert parse_dotenv(FILE) == {
        "A": "3", "B": "two words", "C": "x\ny", "D": "raw \\n #", "E": "",
        "F": "several\nlines", "G": "a#b",
    }  # fmt: skip


@pytest.mark.parametrize("line", ["secret-value", "1A=x", "=x"])
def test_a_line_that_is_none_is_named_by_its_number_and_never_quoted(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 ") as caught:
        parse_dotenv(f"A=1\n{line}\n")
    assert line not in str(caught.value)


def test_an_import_names_what_changes_and_shows_no_value() -> None:
    told = import_changes(
        {"SAME": "1", "OLD": "secret-a", "KEPT": "x", "HIDDEN": None},
        {"SAME": "1", "OLD": "secret-b", "NEW": "secret-c", "HIDDEN": "secret-d"},
    )
    assert [(mark, name) for mark, name, _ in told] == [
        ("~", "HIDDEN"), (" ", "KEPT"), ("+", "NEW"), ("~", "OLD"), (" ", "SAME"),
    ]  # fmt: skip
    assert "secret-" not in str(told)


def test_two_environments_are_compared_by_name_and_a_secret_is_not_guessed_at() -> None:
    told = differences(
        {"SAME": "1", "OTHER": "value-a", "HERE": "x", "SECRET": None},
        {"SAME": "1", "OTHER": "value-b", "THERE": "y", "SECRET": None},
        "staging",
    )
    assert told == [
        ("-", "HERE", "not in staging"),
        ("~", "OTHER", "differs"),
        ("?", "SECRET", "secret: values are not told"),
        ("+", "THERE", "only in staging"),
    ]
