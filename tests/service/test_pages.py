"""A walk through the pages of a list ends, whatever the server gives."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from trigdash.backends.base import Unreadable
from trigdash.service.cache.pages import TIMES_ASKED, walk_pages


@dataclass(frozen=True)
class Page:
    rows: str
    next: str | None = None


FIRST, SECOND, LAST = Page("a", "2"), Page("b", "3"), Page("c")
PAGES = {None: FIRST, "2": SECOND, "3": LAST}


class Server:
    """Gives its pages in turn where it was told to, else the right ones."""

    def __init__(self, *wrong: Page) -> None:
        self.wrong = list(wrong)
        self.asked: list[str | None] = []

    async def read(self, cursor: str | None) -> Page:
        self.asked.append(cursor)
        return self.wrong.pop(0) if self.wrong else PAGES[cursor]


async def rows(server: Server) -> str:
    return "".join([page.rows async for page in walk_pages(server.read)])


async def test_every_page_is_read_once_and_in_order() -> None:
    server = Server()
    assert await rows(server) == "abc"
    assert server.asked == [None, "2", "3"]


async def test_a_page_that_comes_in_the_place_of_another_is_asked_for_again() -> None:
    server = Server(FIRST, FIRST, SECOND, FIRST)
    assert await rows(server) == "abc"
    assert server.asked == [None, "2", "2", "3", "3"]


async def test_pages_that_go_round_in_a_circle_are_no_list() -> None:
    server = Server(*[FIRST] * 1_000)
    with pytest.raises(Unreadable, match="repeat themselves"):
        await rows(server)
    assert server.asked == [None, *["2"] * TIMES_ASKED]
