"""Which addresses are those of web pages, and which text leads to one."""

import pytest

from trigdash.presentation.cell import is_web_link, linked

PAGE = "https://jobs.example.com/orgs/acme/projects/p/env/prod/runs/run_1"
NO_PAGES = ("javascript:alert(1)", "file:///etc/passwd", "https://", "http://[", "--help", "")


def test_only_web_addresses_go_to_a_browser() -> None:
    assert is_web_link("https://cloud.example.com/runs/run_1")
    assert is_web_link("http://127.0.0.1:3030/runs")
    assert not any(map(is_web_link, NO_PAGES))


def test_a_text_leads_to_a_page_and_says_what_it_said() -> None:
    assert linked("run_1", "dim", PAGE) == ("run_1", f"dim to {PAGE}")


@pytest.mark.parametrize(
    "address",
    [
        None,
        *NO_PAGES,
        f"{PAGE}\x1b\\x1b[2J",
        f"{PAGE}\x07",
        f"{PAGE}\x9c",
        f"{PAGE}\n",
        f"{PAGE} on raised",
        "https://exаmple.com",
        f"{PAGE}{'x' * 3_000}",
    ],
)
def test_what_is_no_plain_web_address_leads_nowhere(address: str | None) -> None:
    assert linked("run_1", "dim", address) == ("run_1", "dim")
