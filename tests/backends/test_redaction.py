"""What looks like a secret is found in texts of any length, and in time that grows with it."""

import pytest

from trigdash.backends.error_response import redact

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJlbnYifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize("before", ["", "key=", "Bearer ", "token-", '"', "x."])
def test_a_web_token_is_found_wherever_it_stands(before: str) -> None:
    assert TOKEN not in redact(f"said {before}{TOKEN} here")
    assert "eyJ" not in redact(f"said {before}{TOKEN} here")


@pytest.mark.parametrize("unit", ["eyJ-", "eyJaaaaaaaa-", "a-", "tr_a-", "a.aaaaaaaa-"])
def test_a_long_text_that_only_looks_so_is_kept(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    assert redact(text) == text
