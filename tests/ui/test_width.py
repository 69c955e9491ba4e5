"""Texts are measured as Textual draws them, although nothing of it is imported for that."""

import unicodedata
from random import Random

from rich.cells import cell_len as drawn_len

from trigdash.presentation.width import cell_len

ASSIGNED = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
]
SPECIAL = (
    "\u200d\ufe0f\ufe0e\U0001f468\U0001f469\U0001f3fd\U0001f1e9\U0001f1ea\u20e3"
    "1\u2764a\u0301\u0915\u094d\u1100"
)


def test_each_character_is_as_wide_as_it_is_drawn() -> None:
    assert [each for each in ASSIGNED if cell_len(each) != drawn_len(each)] == []


def test_each_character_in_its_colored_form_is_as_wide_as_it_is_drawn() -> None:
    odd = [each for each in ASSIGNED if cell_len(f"{each}\ufe0f") != drawn_len(f"{each}\ufe0f")]
    assert odd == []


def test_mixed_texts_are_as_wide_as_they_are_drawn() -> None:
    random = Random(7)
    texts = [
        "".join(
            random.choice(SPECIAL if random.random() < 0.7 else ASSIGNED)
            for _ in range(random.randint(1, 8))
        )
        for _ in range(5_000)
    ]
    assert [text for text in texts if cell_len(text) != drawn_len(text)] == []
