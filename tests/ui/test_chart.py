"""The chart widget: it draws what it was given and repaints what changed."""

from datetime import UTC
from typing import Any, Self

from textual.app import App, ComposeResult
from textual.geometry import Region
from typing_extensions import override

from trigdash.presentation.plot import Area
from trigdash.ui.widgets.chart import Chart

START = 1_795_000_020_000
"""11:07:00 UTC."""


class WatchedChart(Chart):
    """A chart that remembers what was repainted."""

    painted: list[tuple[Region, ...]]

    @override
    def refresh(self, *regions: Region, **options: Any) -> Self:
        self.painted = [*getattr(self, "painted", []), regions]
        return super().refresh(*regions, **options)


class Stage(App[None]):
    @override
    def compose(self) -> ComposeResult:
        yield WatchedChart(zone=UTC)


def depth(*values: float) -> Area:
    samples = [(START + index * 10_000, value) for index, value in enumerate(values)]
    return Area("depth", samples)


async def test_a_chart_draws_its_area_scale_and_clock() -> None:
    app = Stage()
    async with app.run_test(size=(60, 10)) as pilot:
        chart = app.query_one(WatchedChart)
        chart.show([depth(0, 50, 100, 100, 50, 0)], START, START + 60_000)
        await pilot.pause()
        assert chart.plain_text.startswith("   100 ┤")
        assert "11:07:30" in chart.plain_text
        assert all(chart.render_line(y).cell_length == 60 for y in range(10))


async def test_new_samples_repaint_only_the_lines_that_they_touch() -> None:
    app = Stage()
    async with app.run_test(size=(60, 10)) as pilot:
        chart = app.query_one(WatchedChart)
        chart.show([depth(0, 50, 100, 100, 50, 0)], START, START + 60_000)
        await pilot.pause()
        chart.painted = []
        chart.show([depth(0, 50, 100, 100, 50, 0)], START, START + 60_000)
        assert chart.painted == []
        chart.show([depth(0, 50, 100, 100, 50, 10)], START, START + 60_000)
        assert [region.y for region in chart.painted[0]] == [7]


async def test_a_chart_without_data_or_room_is_blank() -> None:
    app = Stage()
    async with app.run_test(size=(10, 3)) as pilot:
        chart = app.query_one(WatchedChart)
        assert chart.plain_text == ""
        chart.show([depth(1)], START, START + 60_000)
        await pilot.pause()
        assert chart.plain_text == ""
        assert chart.render_line(0).text.strip() == ""
