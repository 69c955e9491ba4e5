"""The project, its environments with everything they hold, and their preview branches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from trigdash.simulator.world.ids import cuid, letters, mix
from trigdash.simulator.world.index import RunIndex
from trigdash.simulator.world.limits import Limits
from trigdash.simulator.world.records import BulkAction, Decision, Release
from trigdash.simulator.world.runs import USER_NAME, Batch, EnvironmentBase, Run
from trigdash.simulator.world.schedules import Schedule
from trigdash.simulator.world.tasks import Task
from trigdash.simulator.world.timeline import Timeline

REDACTED = "<redacted>"
RESERVED = frozenset({"TRIGGER_SECRET_KEY", "TRIGGER_API_URL"})


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable."""

    name: str
    value: str
    is_secret: bool = False

    @property
    def shown(self) -> str:
        """The value as reads show it."""
        return REDACTED if self.is_secret else self.value

    @override
    def __repr__(self) -> str:
        return f"<Variable {self.name}>"


class CannotSet(ValueError):
    """Variables that are not taken; the text says why."""


def store_variables(held: dict[str, Variable], given: Mapping[str, str], is_secret: bool) -> None:
    """Set variables, over those of the same name."""
    usable = {name: value for name, value in given.items() if name and value}
    if not usable:
        raise CannotSet("You must set at least one valid variable.")
    allowed = {name: value for name, value in usable.items() if name not in RESERVED}
    if not allowed:
        raise CannotSet(
            "You must set at least one valid variable. All the variables submitted are not allowed."
        )
    for name, value in allowed.items():
        held[name] = Variable(name, value, is_secret)


def first_variables() -> dict[str, Variable]:
    """The initial variables of an environment."""
    found = (
        Variable("DATABASE_URL", "postgres://jobs:not-a-real-password@db.example.test/jobs", True),
        Variable("MAILER_API_KEY", "mk_not_a_real_key", True),
        Variable("LOG_LEVEL", "info"),
        Variable("SEARCH_REGION", "eu-central-1"),
    )
    return {variable.name: variable for variable in found}


FIRST_BRANCH = "checkout-redesign"
"""The branch that the preview environment's history belongs to."""
MORE_ENDED = 10_000
"""Runs that have ended and are kept beyond those of the start."""
_REF_PREFIX = re.compile(r"^refs/(heads|remotes/[^/]+|tags)/")


class Project:
    """One project of one organization, and the owner of its access token."""

    def __init__(self, seed: int, created_ms: int):
        self.id = cuid(-900_000, 1, mix(seed, 21))
        self.ref = f"proj_{letters(mix(seed, 22), 20).lower()}"
        self.name = "Acme Jobs"
        self.slug = f"acme-jobs-{letters(mix(seed, 23), 4)}"
        self.org_id = cuid(-900_000, 2, mix(seed, 24))
        self.org_slug = f"acme-{letters(mix(seed, 25), 4).lower()}"
        self.org_title = "Acme"
        self.user_id = cuid(-900_000, 3, mix(seed, 26))
        self.user_name = USER_NAME
        self.user_email = "sam@example.test"
        self.access_token = (
            f"tr_pat_{letters(mix(seed, 27), 40).lower().replace('0', '1').replace('l', 'k')}"
        )
        self.created_ms = created_ms


class Environment(EnvironmentBase):
    """One environment: its key, tasks, queues, runs, versions and everything clients created."""

    def __init__(
        self, slug: str, seed: int, limits: Limits, tasks: dict[str, Task], timeline: Timeline,
        v2_queues: bool = True,
    ):  # fmt: skip
        super().__init__(slug, seed, limits, tasks, timeline, v2_queues)
        self.runs = RunIndex()
        self.schedules: dict[str, Schedule] = {}
        self.releases: list[Release] = []
        self.variables: dict[str, Variable] = first_variables()
        self.bulk_actions: dict[str, BulkAction] = {}
        # By fingerprint; an error group without a decision is unresolved.
        self.error_decisions: dict[str, Decision] = {}
        self.idempotency: dict[tuple[str, str], Run] = {}
        self.batch_keys: dict[str, Batch] = {}
        self.request_keys: dict[tuple[str, str], str] = {}
        self._most_ended: int | None = None
        self._next_look = 0

    def keep(self, more: int = MORE_ENDED) -> None:
        """From now on drop the oldest ended runs, once there are `more` runs than now: a server
        does not keep them forever either."""
        self._most_ended = len(self.runs) - len(self.runs.open) + more
        self._next_look = self._most_ended + self._most_ended // 4

    @override
    def on_run_created(self, run: Run) -> None:
        self.runs.add(run)
        if self._most_ended is None:
            return
        if len(self.runs) - len(self.runs.open) > self._next_look:
            self._let_go(self._most_ended)

    def _let_go(self, most: int) -> None:
        """Forget the oldest runs that have ended, each with its whole family."""
        ended = len(self.runs) - len(self.runs.open)
        gone: set[str] = set()
        for run in self.runs.all:
            if len(gone) >= ended - most:
                break
            family = [run, *run.descendants()] if run.parent is None else []
            if all(each.is_final for each in family):
                gone.update(each.id for each in family)
        self.runs.drop(gone)
        self._next_look = max(most, ended - len(gone)) + most // 4
        self.timeline.void(lambda subject: isinstance(subject, Run) and subject.id in gone)
        self._forget_what_is_of_none()

    def _forget_what_is_of_none(self) -> None:
        """Let go of what belonged to runs that are not kept."""
        known = self.runs.by_id
        for batch in list(self.batches.values()):
            if batch.runs and all(run.id not in known for run in batch.runs):
                del self.batches[batch.id]
        for token in list(self.waitpoints.values()):
            if token.run_id is not None and token.run_id not in known:
                del self.waitpoints[token.id]
        for key, run in list(self.idempotency.items()):
            if run.id not in known:
                del self.idempotency[key]
        for run_id in self.pinned.keys() - known.keys():
            del self.pinned[run_id]

    @override
    def on_run_tagged(self, run: Run, tag: str) -> None:
        self.runs.tag(run, tag)

    @override
    def on_run_ended(self, run: Run) -> None:
        self.runs.close(run)


@dataclass(slots=True)
class Branch:
    """A preview branch and its environment."""

    name: str
    env: Environment
    created_ms: int
    archived_ms: int | None = None
    git: dict[str, object] | None = None

    @property
    def is_live(self) -> bool:
        return self.archived_ms is None


def plain_branch_name(name: str) -> str:
    """The name of a branch without the prefix that git gives it."""
    return _REF_PREFIX.sub("", name.strip())


@dataclass(slots=True)
class Spawn:
    """What a new run is created from. Absent fields take the task's own values."""

    task_id: str
    seed: int
    tags: tuple[str, ...] = ()
    queue: str | None = None
    concurrency_key: str | None = None
    # Named limits instead of those that the task declares.
    concurrency: tuple[str, ...] | None = None
    delay_until_ms: int | None = None
    ttl: str | None = None
    # A version that the run is pinned to, or the id of an external deployment.
    version: str | None = None
    external_deployment: str | None = None
    priority_ms: int = 0
    max_attempts: int | None = None
    machine: str | None = None
    region: str | None = None
    is_test: bool = False
    parent: Run | None = None
    anchor: int = 0
    trigger_function: str = "trigger"
    batch: Batch | None = None
    schedule: Schedule | None = None
    created_ms: int | None = None
    stall: str | None = None
