"""The Now screen over real HTTP: what needs somebody, its cause a key away, calm when well."""

from __future__ import annotations

from tests.ui.live_harness import LiveHarness, live_app
from trigdash.presentation.cell import cell_text
from trigdash.simulator.scenarios.definitions import CALM, INCIDENT
from trigdash.ui.screens.now import NowScreen
from trigdash.ui.screens.queue import QueueScreen
from trigdash.ui.screens.runs import RunsScreen
from trigdash.ui.widgets.field_list import FieldList
from trigdash.ui.widgets.filter_line import FilterLine
from trigdash.ui.widgets.line import Footer


async def opened(harness: LiveHarness) -> FieldList:
    await harness.until(lambda: harness.app.session.identity is not None)
    await harness.press("0")
    await harness.until(lambda: isinstance(harness.app.screen, NowScreen))
    lines = harness.app.screen.query_one(FieldList)
    await harness.until(
        lambda: (lines.count and lines.field is not None) or "All well" in words(harness)
    )
    return lines


def words(harness: LiveHarness) -> str:
    return harness.words()


async def go_to(harness: LiveHarness, lines: FieldList, subject: str) -> None:
    for _ in range(40):
        field = lines.field
        if field is not None and field.copied == subject:
            return
        await harness.press("j")
    raise AssertionError(f"no line is about {subject}")


async def test_a_failing_task_opens_its_failed_runs() -> None:
    async with live_app(scenario=INCIDENT, runs=200) as harness:
        lines = await opened(harness)
        assert "Not well" in words(harness)
        await go_to(harness, lines, "charge-invoice")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, RunsScreen))
        line = harness.app.screen.query_one(FilterLine).line
        assert line.startswith("status:failed task:charge-invoice")


async def test_a_paused_queue_is_resumed_from_its_line_after_a_question() -> None:
    async with live_app(scenario=INCIDENT, runs=200) as harness:
        lines = await opened(harness)
        await go_to(harness, lines, "crm")
        harness.forget_requests()
        await harness.press("A", "y")
        await harness.until(lambda: harness.writes, "it is resumed")
        assert harness.writes[0].endswith("/pause")


async def test_the_footer_says_what_the_key_of_acting_does_for_the_highlighted_line() -> None:
    async with live_app(scenario=INCIDENT, runs=200) as harness:
        lines = await opened(harness)
        footer = harness.app.screen.query_one("#footer", Footer)
        for subject, act in (("crm", "A resume the queue"), ("moderate-comment", "A remove the")):
            await go_to(harness, lines, subject)
            await harness.until(lambda act=act: act in footer.plain_text, act)
        await harness.press("g")
        await harness.until(
            lambda: "A " not in footer.plain_text, "an error that cannot be acted on"
        )


async def test_a_queue_opens_with_its_runs() -> None:
    async with live_app(scenario=INCIDENT, runs=200) as harness:
        lines = await opened(harness)
        await go_to(harness, lines, "crm")
        await harness.press("enter")
        await harness.until(lambda: isinstance(harness.app.screen, QueueScreen))


async def test_a_calm_day_says_so_and_what_was_looked_at() -> None:
    async with live_app(scenario=CALM) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.press("0")
        await harness.until(lambda: "All well" in words(harness))
        lines = harness.app.screen.query_one(FieldList)
        looked = " ".join(cell_text(line.cell) for line in lines.cells())
        assert "LOOKED AT" in looked
        assert "17 queues" in looked
