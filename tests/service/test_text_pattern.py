"""What is typed to look for: Python's expressions, in bounded time."""

import contextlib
import random
import re
import warnings

import pytest

from trigdash.service.filters.text_pattern import BadPattern, TextPattern, TooSlow, is_regex

ENDLESS = {
    "/(x+x+)+y/": "xx+y",
    "/^(.*)+ $/": " $",
    "/(a|a)*b/": "b",
    "/(x*)*y/": "y",
    r"/(\w+\s?)+\./": r"\w\s?\.",
    "/(?=(x+x+)+y)/": "xx+y",
}
"""Patterns that Python tries for ever on some line, and what finds the same quickly."""
LINES = ["x" * 60, "a" * 60, "x" * 60 + "zy", "word " * 60 + "! y", "x" * 9_000 + "zy.", "xxy. "]


@pytest.mark.parametrize("typed", ENDLESS)
def test_a_pattern_that_backtracks_ends(typed: str) -> None:
    pattern, plain = TextPattern(typed), re.compile(ENDLESS[typed])
    told = 0
    for line in LINES:
        with contextlib.suppress(TooSlow):
            assert pattern.matches(line) == bool(plain.search(line)), line
            told += 1
        pattern.spans(line)
    assert told > 2


def test_a_text_that_took_too_long_is_not_tried_again() -> None:
    pattern = TextPattern("/(?:(?:x+)+)+y/")
    line = "x" * 3_000 + "zy"
    for _ in range(200):
        with pytest.raises(TooSlow):
            pattern.matches(line)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/(/", "not a regular expression"),
        (r"/\p{L}/", "not a regular expression"),
        ("/(?R)/", "not a regular expression"),
        ("/(a{9999}){9999}/", "repeats too much"),
        ("/((a{100}){100}){100}/", "repeats too much"),
        ("/(?#(()(a{999}){999}/", "repeats too much"),
        ("/x{99999999999999999999}/", "too large"),
        ("/" + "(" * 3_000 + ")" * 3_000 + "/", "too large"),
    ],
)
def test_what_cannot_be_looked_for_is_said_in_words(typed: str, words: str) -> None:
    with pytest.raises(BadPattern, match=words):
        TextPattern(typed)


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("Order", "an ORDER came", 3),
        ("a.b", "aab", -1),
        ("/a.b/", "xaab", 1),
        ("/^end$/", "the end", -1),
        ('/{"id": 5}/', 'got {"id": 5}', 4),
        ("/x{e<=2}/", "yyy", -1),
        ("/x{e}/", "x{e}", 0),
        (
            "/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/",
            "id 6f2a3b56-7d0f-4b7e-9a51-1d1f6f0f8a11",
            3,
        ),
        ("/[[a]/", "x[", 1),
        (r"/\d{2,}/", "a1b22", 3),
        (r"/(?<=user=)\w+/", "user=Ann", 5),
    ],
)
def test_words_are_taken_as_they_are_and_expressions_as_python_takes_them(
    typed: str, text: str, found: int
) -> None:
    assert TextPattern(typed).find(text) == found


def test_only_what_stands_between_slashes_is_an_expression() -> None:
    assert is_regex("/a/")
    assert not is_regex("//")
    assert not is_regex("/a")
    assert TextPattern("/a").find("x/A") == 1


def test_the_part_of_a_very_long_text_decides_only_what_it_can() -> None:
    text = "x" * 60_000 + "needle"
    with pytest.raises(TooSlow):
        TextPattern("/needle/").matches(text)
    with pytest.raises(TooSlow):
        TextPattern("/x$/").matches(text)
    assert TextPattern("/^xx/").matches(text)
    assert TextPattern("needle").matches(text)


PARTS = ["a", "b", "x", ".", r"\w", r"\d", r"\b", "^", "$", "[ab]", "[^a]", " ", "é", "{", "}", "|"]
REPEATS = ["", "*", "+", "?", "{2}", "{1,3}", "*?", "{,4}"]


def written(rng: random.Random, depth: int) -> str:
    if depth == 0:
        return rng.choice(PARTS)
    if rng.random() < 0.5:
        return written(rng, depth - 1) + written(rng, depth - 1)
    opening = rng.choice(["(", "(?:", "(?i:"])
    return f"{opening}{written(rng, depth - 1)}){rng.choice(REPEATS)}"


def test_what_is_found_is_what_python_finds() -> None:
    rng = random.Random(11)
    texts = ["", "a", "ab ab", "xa1b é", "bbbaaa", "a{b}", "  x ", "1234 a"]
    agreed = 0
    for _ in range(400):
        inner = written(rng, 3)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = re.compile(inner, re.IGNORECASE)
        except re.error:
            with pytest.raises(BadPattern):
                TextPattern(f"/{inner}/")
            continue
        pattern = TextPattern(f"/{inner}/")
        for text in texts:
            found = expected.search(text)
            assert pattern.find(text) == (found.start() if found else -1), (inner, text)
            agreed += 1
    assert agreed > 1_000


def test_an_expression_of_the_command_line_tells_letter_cases_apart() -> None:
    assert TextPattern.of_expression("Order").find("an order, an Order") == 13
    assert TextPattern.of_expression("").find("x") == 0
    with pytest.raises(BadPattern, match="not a regular expression"):
        TextPattern.of_expression("(")
    with pytest.raises(TooSlow):
        TextPattern.of_expression("(?:(?:x+)+)+y").matches("x" * 3_000 + "zy")
