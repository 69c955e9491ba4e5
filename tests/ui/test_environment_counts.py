"""How the runs of each environment went, in the picker of places."""

from __future__ import annotations

from typing import Any

from tests.fakes.backend import FakeBackend
from tests.ui.harness import Harness, open_app
from tests.ui.live_harness import LiveHarness
from tests.ui.world_harness import open_world, rows_of
from trigdash.backends.base import Forbidden
from trigdash.model.capability import Capability
from trigdash.model.environment import Environment, EnvironmentFigures
from trigdash.model.listing import Listing
from trigdash.simulator.world.error_groups import FAILED
from trigdash.simulator.world.index import RunFilter
from trigdash.ui.app import TrigdashApp
from trigdash.ui.screens.environments import KEEP_COUNTS_S, EnvironmentsScreen
from trigdash.ui.widgets.line_list import LineList

DAY_MS = 24 * 3_600_000
ENVIRONMENTS = (
    Environment(id="1", slug="prod", type="PRODUCTION"),
    Environment(id="2", slug="stg", type="STAGING"),
    Environment(id="3", slug="dev", type="DEVELOPMENT"),
    Environment(id="4", slug="preview", type="PREVIEW", branch_name="checkout"),
)
FIGURES = Listing(
    (
        EnvironmentFigures(environment="prod", runs=41_284, failed=96),
        EnvironmentFigures(environment="stg", runs=7),
        EnvironmentFigures(environment="preview", runs=3),
    )
)


def lines_of(app: TrigdashApp) -> dict[str, list[str]]:
    """What the picker says of each place, by its first word: the words after it."""
    lines = app.screen.query_one(LineList)
    cells = [lines.source.line(n, 80) for n in range(lines.count)]
    words = ["".join(text for text, _ in cell).split() for cell in cells]
    return {first: rest for first, *rest in words}


def legend_of(app: TrigdashApp) -> str:
    return str(app.screen.query_one("#destination-keys").render())


def counting_backend(**more: Any) -> FakeBackend:
    def answer(operation: Any) -> Any:
        return FIGURES if is_count(operation) else None

    answers = {"environments": ENVIRONMENTS, "projects": (), "call": answer}
    return FakeBackend(answers=answers, **more)


def is_count(operation: Any) -> bool:
    return "GROUP BY environment" in str(operation.body)


def times_counted(backend: FakeBackend) -> int:
    return sum(is_count(operation) for (operation,) in backend.asked("call"))


async def open_picker(harness: Harness) -> None:
    await harness.press("ctrl+e")
    await harness.until(lambda: isinstance(harness.app.screen, EnvironmentsScreen))
    await harness.until(lambda: "prod" in lines_of(harness.app))
    await harness.rest()


async def test_every_environment_is_told_with_its_runs_and_failures_of_a_day() -> None:
    async with open_world(runs=200) as stage:
        await rows_of(stage, "prod")
        await stage.press("ctrl+e")
        await stage.until(lambda: isinstance(stage.app.screen, EnvironmentsScreen), "the picker")
        await stage.until(lambda: {"dev", "stg"} <= {*lines_of(stage.app)}, "environments")
        for slug in ("dev", "stg", "prod"):
            told = truth_of(stage, slug)
            await stage.until(
                lambda slug=slug, told=told: lines_of(stage.app)[slug][1 : len(told) + 1] == told,
                slug,
            )


def truth_of(stage: LiveHarness, slug: str) -> list[str]:
    """Runs of the last day and failures. No run of this world is near the edge of that day."""
    since = RunFilter(from_ms=stage.host.state.now_ms() - DAY_MS)
    runs = list(stage.host.world.environments[slug].runs.select(since))
    failed = sum(run.status in FAILED for run in runs)
    return [str(len(runs)), *(("×", str(failed)) if failed else ())]


async def test_counts_are_asked_while_the_picker_is_open_and_kept_for_a_minute() -> None:
    backend = counting_backend()
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await harness.poll(KEEP_COUNTS_S * 2)
        assert times_counted(backend) == 0
        await open_picker(harness)
        await harness.until(lambda: lines_of(harness.app)["prod"][1:4] == ["41.3k", "×", "96"])
        told = lines_of(harness.app)
        assert told["stg"][1] == "7"
        assert told["dev"][1] == "0"
        assert told["preview"] == ["checkout", "preview"], "runs of a branch are its parent's there"
        assert times_counted(backend) == 1
        assert backend.most_busy["call"] == 1
        await harness.press("escape")
        await open_picker(harness)
        await harness.until(lambda: "96" in lines_of(harness.app)["prod"])
        assert times_counted(backend) == 1
        await harness.press("escape")
        await harness.poll(KEEP_COUNTS_S)
        await open_picker(harness)
        await harness.until(lambda: times_counted(backend) == 2)


async def test_a_refusal_is_a_dash_and_a_word() -> None:
    backend = counting_backend()
    backend.failures["call"] = Forbidden("this key may not query", status=403)
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await open_picker(harness)
        await harness.until(lambda: lines_of(harness.app)["prod"][1] == "—")
        assert "no counts" in legend_of(harness.app)
        assert "this key may not query" in legend_of(harness.app)
        counted = times_counted(backend)
        await harness.poll(KEEP_COUNTS_S * 5)
        assert times_counted(backend) == counted, "a refusal is not asked about again"


async def test_a_system_that_counts_nothing_is_not_asked_and_says_so() -> None:
    backend = counting_backend(
        capabilities=frozenset(Capability) - {Capability.FEEDS, Capability.QUERY}
    )
    async with open_app(backend) as harness:
        await harness.until(lambda: harness.app.session.identity is not None)
        await open_picker(harness)
        assert lines_of(harness.app)["prod"][1] == "—"
        assert "the fake does not know" in legend_of(harness.app)
        assert times_counted(backend) == 0
