"""Tags as a line of text: read back as they were, whatever is in them."""

from __future__ import annotations

from random import Random

import pytest

from trigdash.model.clean import is_clean
from trigdash.model.tag_text import NOT_CLOSED, join_tags, quoted, split_ended, split_tags


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("user_1", "user_1"),
        ("order:1,2", '"order:1,2"'),
        (" blank first", '" blank first"'),
        ('"said"', r'"\"said\""'),
        ('say "hi"', 'say "hi"'),
        ("two\nlines", r'"two\nlines"'),
        ("turned\u202eround", '"turned\\u202eround"'),
        ("half\ud83d", '"half\\ud83d"'),
        ("größe 😀", "größe 😀"),
        ("back\\slash", "back\\slash"),
        ("", '""'),
    ],
)
def test_a_tag_is_quoted_only_where_it_must_be(tag: str, text: str) -> None:
    assert quoted(tag) == text
    assert split_tags(text) == [tag]


ODD = [*'ab ,"\\\n\t{}:é', "\u202e", "\x1b", "\ud83d", "😀", '",', '\\"']


@pytest.mark.parametrize("seed", range(300))
def test_every_list_of_tags_is_read_back_as_it_was(seed: int) -> None:
    random = Random(seed)
    tags = [
        "".join(random.choice(ODD) for _ in range(random.randrange(7)))
        for _ in range(random.randrange(6))
    ]
    line = join_tags(tags)
    assert split_tags(line) == tags
    assert "\n" not in line
    assert is_clean(line), "it can be shown and edited"


@pytest.mark.parametrize("line", ['"order:1,2', '"a"b, c', 'a, "b\\"', '"', '"\\q"'])
def test_a_quote_that_is_not_closed_is_said(line: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        split_tags(line)
    assert line == '"\\q"' or str(caught.value) == NOT_CLOSED


@pytest.mark.parametrize(
    ("line", "ended", "rest"),
    [
        ("", "", ""),
        ("a", "", "a"),
        ("a,", "a,", ""),
        ("a, b", "a,", " b"),
        ('"order:1,', "", '"order:1,'),
        ('"order:1,2"', "", '"order:1,2"'),
        ('"order:1,2", x', '"order:1,2",', " x"),
        ('x, "order:1,2', "x,", ' "order:1,2'),
    ],
)
def test_a_comma_ends_a_tag_while_it_is_typed_but_not_within_a_quote(
    line: str, ended: str, rest: str
) -> None:
    assert split_ended(line) == (ended, rest)
