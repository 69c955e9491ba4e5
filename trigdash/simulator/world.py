"""The world: a project with its environments, moved through time by a calendar of events.

No HTTP and no wall clock in here: whoever holds a world tells it the time with `advance`. All
times are epoch milliseconds. The same seed makes the same world, relative to its start.
"""

import heapq
from collections.abc import Callable

from trigdash.simulator import moments
from trigdash.simulator.arrivals import populate
from trigdash.simulator.batches import Batch
from trigdash.simulator.branches import first_ones
from trigdash.simulator.catalogue import CATALOGUE
from trigdash.simulator.engine import Engine
from trigdash.simulator.environments import SLUGS, Environment, Limits, Project
from trigdash.simulator.ids import cuid, mix
from trigdash.simulator.plot import Scenario
from trigdash.simulator.runs import Run
from trigdash.simulator.scenario import CALM
from trigdash.simulator.tasks import Task

Event = Callable[[Run], None]
Change = Callable[[], None]
MINUTE_MS = 60_000
# The history of the other environments: a share of the main one's runs, up to so many.
_OTHERS = {"prod": (0.2, 500), "stg": (0.2, 500), "dev": (0.1, 300), "preview": (0.05, 150)}


class World:
    """A seeded project whose runs live and die as time goes by."""

    def __init__(
        self,
        now_ms: int,
        seed: int = 7,
        scenario: Scenario = CALM,
        runs: int = 2_000,
        speed: float = 1.0,
        env: str = "prod",
        tasks: dict[str, Task] | None = None,
    ):
        self.seed = seed
        self.scenario = scenario
        self.start_ms = now_ms
        self.now_ms = now_ms
        self.speed = speed
        # Divides durations: 1 in the history, the speed from the start on.
        self.pace = 1.0
        self.engine = Engine(self)
        self.project = Project(seed, now_ms - 90 * 1440 * MINUTE_MS)
        self.main_env = env
        catalogue = dict(CATALOGUE if tasks is None else tasks)
        catalogue |= {task.id: task for task in scenario.tasks}
        self.chronicle: list[moments.Entry] = []
        self.environments = {
            slug: Environment(
                slug, seed, Limits(scenario.concurrency if slug == env else 10), catalogue
            )
            for slug in SLUGS
        }
        self.branches = first_ones(self)
        self._calendar: list[tuple[int, int, Event | Change, Run | None, int]] = []
        self._count = 0
        self._live(runs)

    def every_environment(self) -> list[Environment]:
        """The environments and those of preview branches."""
        found = {env.id: env for env in self.environments.values()}
        return list((found | {b.env.id: b.env for b in self.branches.values()}).values())

    @property
    def env(self) -> Environment:
        """The environment that the printed key is for."""
        return self.environments[self.main_env]

    def _live(self, runs: int) -> None:
        """Live through the history, up to the start."""
        now_ms = self.start_ms
        for slug, env in self.environments.items():
            share, most = _OTHERS[slug]
            wanted = runs if slug == self.main_env else min(most, round(runs * share))
            populate(self, env, wanted)
        if runs:
            moments.plan(self)
        self.now_ms = self._calendar[0][0] if self._calendar else now_ms
        self.advance(now_ms)
        self.pace = self.speed

    # The calendar

    def advance(self, now_ms: int) -> None:
        """Let everything happen that is due until `now_ms`, in order."""
        calendar = self._calendar
        while calendar and calendar[0][0] <= now_ms:
            at_ms, _, event, run, stage = heapq.heappop(calendar)
            self.now_ms = max(self.now_ms, at_ms)
            if run is None:
                event()  # type: ignore[call-arg]
            elif stage < 0 or stage == run.stage:
                event(run)  # type: ignore[call-arg]
        self.now_ms = max(self.now_ms, now_ms)

    def at(self, time_ms: int, event: Event, run: Run) -> None:
        """Later, unless the run has moved on to another stage by then."""
        self._count += 1
        heapq.heappush(self._calendar, (time_ms, self._count, event, run, run.stage))

    def always(self, time_ms: int, event: Event, run: Run) -> None:
        """Later, whatever the run does until then."""
        self._count += 1
        heapq.heappush(self._calendar, (time_ms, self._count, event, run, -1))

    def later(self, time_ms: int, change: Change) -> None:
        """Later, something that is not about one run."""
        self._count += 1
        heapq.heappush(self._calendar, (time_ms, self._count, change, None, -1))

    # What the engine asks

    def trouble(self, run: Run) -> int | None:
        """The number of the fault that an incident forces on the run's attempt now, if any."""
        if run.env is not self.env:
            return None
        minute = (self.now_ms - self.start_ms) / MINUTE_MS
        for number, trouble in enumerate(self.scenario.troubles):
            now = trouble.task == run.task_id and trouble.from_min <= minute < trouble.to_min
            if now and mix(run.seed, 71, number) % 1000 < trouble.share * 1000:
                return len(run.task.faults if run.task else ()) + number
        return None

    def new_batch(self, env: Environment, style: str, run_count: int, seed: int) -> Batch:
        """A batch without runs as yet."""
        batch_id = f"batch_{cuid(self.now_ms - self.start_ms, seed >> 20, mix(seed, 9))}"
        batch = Batch(batch_id, style, run_count, self.now_ms)
        env.batches[batch_id] = batch
        return batch
