"""What a world holds now: its project, its environments and its scenario."""

from collections.abc import Iterator

from trigdash.simulator.world import content
from trigdash.simulator.world.environments import FIRST_BRANCH, Branch, Environment, Project
from trigdash.simulator.world.ids import cuid, mix
from trigdash.simulator.world.limits import Limits
from trigdash.simulator.world.records import Alert, Prompt, Session
from trigdash.simulator.world.runs import ENVIRONMENT_TYPES, Batch, EnvironmentBase, Run
from trigdash.simulator.world.scenario import Incident, LogEntry, Plant, Scenario
from trigdash.simulator.world.tasks import Task
from trigdash.simulator.world.timeline import MINUTE_MS, Timeline

_PROJECT_AGE_MS = 90 * 1440 * MINUTE_MS
_OTHER_CONCURRENCY = 10


class WorldState(Timeline):
    """A seeded project in time. The same seed makes the same world, relative to its start."""

    def __init__(
        self, now_ms: int, seed: int, scenario: Scenario, tasks: dict[str, Task],
        env: str = "prod", version: str = "4.8",
    ):  # fmt: skip
        super().__init__(now_ms)
        self.seed = seed
        # Of the server, 4.5 or 4.8. Older ones have neither V2 queues nor concurrency limits.
        self.version = version
        self.has_v2_queues = version != "4.5"
        self.scenario = scenario
        self.project = Project(seed, now_ms - _PROJECT_AGE_MS)
        self.main_env = env
        self.alerts: dict[str, Alert] = {}
        # By environment, then by id or slug.
        self.sessions: dict[str, dict[str, Session]] = {}
        self.prompts: dict[str, dict[str, Prompt]] = {}
        self.log: list[LogEntry] = []
        self.plants: list[Plant] = []
        # By run: the outcome of its attempts, or the number of the fault that they throw.
        self.forced_outcomes: dict[str, int | str] = {}
        self.environments = {
            slug: Environment(
                slug,
                seed,
                Limits(scenario.concurrency if slug == env else _OTHER_CONCURRENCY),
                tasks,
                self,
                self.has_v2_queues,
            )
            for slug in ENVIRONMENT_TYPES
        }
        preview = self.environments["preview"]
        self.branches = {FIRST_BRANCH: Branch(FIRST_BRANCH, preview, self.project.created_ms)}

    @property
    def env(self) -> Environment:
        """The environment that the printed key is for."""
        return self.environments[self.main_env]

    def every_environment(self) -> Iterator[Environment]:
        """The environments and those of preview branches, each once."""
        found = {env.id: env for env in self.environments.values()}
        yield from (found | {each.env.id: each.env for each in self.branches.values()}).values()

    def forced(self, run: Run) -> int | str | None:
        """What is forced on the run's attempt now: the number of a fault, or an outcome."""
        planned = self.forced_outcomes.get(run.id)
        if planned is not None or run.env is not self.env:
            return planned
        for number, incident in enumerate(self.scenario.incidents):
            applies = (
                incident.task == run.task_id
                and incident.from_min <= self.now_min < incident.to_min
                and _is_hit(run, incident, number)
            )
            if applies:
                return len(run.task.faults if run.task else ()) + number
        return None

    def new_batch(self, env: EnvironmentBase, style: str, run_count: int, seed: int) -> Batch:
        """A batch that has no runs yet."""
        batch_id = f"batch_{cuid(self.now_ms - self.start_ms, seed >> 20, mix(seed, 9))}"
        batch = Batch(batch_id, style, run_count, self.now_ms)
        env.batches[batch_id] = batch
        return batch


def _is_hit(run: Run, incident: Incident, number: int) -> bool:
    if incident.when is None:
        return mix(run.seed, 71, number) % 1000 < incident.share * 1000
    name, values = incident.when
    payload = content.payload(run)
    return isinstance(payload, dict) and payload.get(name) in values
