"""Pastes are text, whatever is in them."""

import pytest

from trigdash.ui.input.paste_guard import END, MAX_PASTED, START, PasteGuard


def in_pieces(text: str, size: int) -> str:
    guard = PasteGuard()
    return "".join(guard.feed(text[at : at + size]) for at in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_escape_sequences_in_a_paste_become_text(size: int) -> None:
    pasted = "a\x1b[0mCancel y\x1b]0;title\x07 \x1b\x1b[20 b\tc\n"
    assert in_pieces(f"k{START}{pasted}{END}j\x1b[A", size) == (
        f"k{START}a[0mCancel y]0;title [20 b\tc\n{END}j\x1b[A"
    )


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_keys_are_let_through_as_they_are(size: int) -> None:
    keys = "jk\x1b\x1b[A\x1b[<0;1;1M\x03é漢\x1b[200"
    assert in_pieces(keys, size) == keys


def test_two_pastes_in_a_row_are_each_let_through_up_to_the_bound() -> None:
    much = "x" * (MAX_PASTED + 50)
    paste = f"{START}{much}{END}"
    expected = f"{START}{much[:MAX_PASTED]}{END}"
    assert in_pieces(paste * 2, 4096) == expected * 2
