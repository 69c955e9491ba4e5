"""The first screen: three ways on, and a form that checks before it saves."""

from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Static

from tests.fakes.login import FakeTrial
from trigdash.config.login import Answers
from trigdash.config.options import UiSettings
from trigdash.ui.connect_app import ConnectApp
from trigdash.ui.dialogs.choice import Entry
from trigdash.ui.screens.connect import ConnectScreen, Way


class Asked:
    """The app, and what its form asked for."""

    def __init__(self, *logins: str, full: bool = False) -> None:
        self.answers: list[Answers] = []
        screen = ConnectScreen(
            "no key found", logins, Answers("https://a.test"), lambda a: self._trial(a, full)
        )
        self.app = ConnectApp(screen, UiSettings())

    def _trial(self, answers: Answers, full: bool) -> FakeTrial:
        self.answers.append(answers)
        return FakeTrial(answers, full=full)

    def said(self, selector: str) -> str:
        return str(self.app.screen.query_one(selector, Static).render())


async def settle(pilot: Pilot[int]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_d_goes_to_the_demo_and_escape_leaves() -> None:
    for key, way in (("d", Way("demo")), ("escape", Way()), ("q", Way())):
        asked = Asked()
        async with asked.app.run_test() as pilot:
            await pilot.pause()
            assert "No key found" in asked.said("#about")
            await pilot.press(key)
        assert asked.app.way == way


async def test_enter_uses_the_login_that_was_found() -> None:
    asked = Asked("work (https://api.trigger.dev)")
    async with asked.app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("enter")
    assert asked.app.way == Way("login", "work")


async def test_a_letter_in_the_form_is_typed_and_goes_nowhere() -> None:
    asked = Asked()
    async with asked.app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("k", "d", "k", "q")
        assert asked.app.screen.query_one("#key", Entry).value == "dkq"
        await pilot.press("enter")
        await settle(pilot)
        assert "FAILED  no key [/b] begins so" in asked.said("#findings")
        await pilot.press("escape")
    assert asked.app.way == Way()


async def test_a_key_that_holds_is_saved_and_enter_opens_it() -> None:
    asked = Asked()
    async with asked.app.run_test(size=(80, 18)) as pilot:
        await pilot.pause()
        await pilot.press("k")
        asked.app.screen.query_one("#key", Entry).value = "tr_prod_a"
        await pilot.press("enter")
        await settle(pilot)
        assert "saved as profile prod" in asked.said("#findings")
        frame = asked.app.screen.query_one("#connect", VerticalScroll)
        assert frame.scroll_offset.y == frame.max_scroll_y, "what was saved where is in sight"
        assert "tr_prod_a" not in asked.app.export_screenshot()
        await pilot.press("enter")
    assert asked.answers == [Answers("https://a.test", "tr_prod_a")]
    assert asked.app.way == Way("profile", "prod")


async def test_what_cannot_be_saved_is_said_and_can_be_tried_again() -> None:
    asked = Asked(full=True)
    async with asked.app.run_test() as pilot:
        await pilot.pause()
        asked.app.screen.query_one("#key", Entry).value = "tr_prod_a"
        await pilot.press("k", "enter")
        await settle(pilot)
        assert "the disk is full" in asked.said("#findings")
        await pilot.press("enter")
        await settle(pilot)
    assert len(asked.answers) == 2
