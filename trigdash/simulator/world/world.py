"""A world with its engine: what clients and scenarios act on."""

from trigdash.simulator.world.engine import Engine
from trigdash.simulator.world.scenario import Scenario
from trigdash.simulator.world.state import WorldState
from trigdash.simulator.world.tasks import Task


class World(WorldState):
    """A project whose runs progress with time."""

    def __init__(
        self, now_ms: int, seed: int, scenario: Scenario, tasks: dict[str, Task],
        env: str = "prod", version: str = "4.8",
    ):  # fmt: skip
        super().__init__(now_ms, seed, scenario, tasks, env, version)
        self.engine = Engine(self)
