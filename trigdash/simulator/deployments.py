"""Deployments: versions that were built, one of which is the current one."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trigdash.simulator.durations import iso
from trigdash.simulator.environments import Deployment, Environment
from trigdash.simulator.ids import cuid, friendly, mix, seed_of
from trigdash.simulator.plan import unit

if TYPE_CHECKING:
    from trigdash.simulator.world import World

FINAL = frozenset({"DEPLOYED", "FAILED", "CANCELED", "TIMED_OUT"})
STATUSES = ("PENDING", "BUILDING", "DEPLOYING", "DEPLOYED", "FAILED", "CANCELED", "TIMED_OUT")
BUILD_MS = 48_000
"""From the order to build to being current, for those that the world makes by itself."""

_SUBJECTS = (
    "fix: retry the CRM when it asks for patience", "feat: welcome mail in four languages",
    "perf: index documents in batches of 50", "chore: update dependencies",
    "fix: round taxes per line", "feat: approvals for refunds over 100",
    "refactor: one client for all webhooks", "docs: how to replay a batch",
)  # fmt: skip
_AUTHORS = ("Ada Example", "Ben Example", "Chloe Example")


@dataclass
class Release:
    """One deployment, however it ended."""

    version: str
    seed: int
    created_ms: int
    status: str
    tasks: tuple[str, ...]
    deployed_ms: int | None = None
    canceled_reason: str | None = None
    # What a client that built it said; otherwise made up from the seed.
    said_git: dict[str, object] | None = None
    said_hash: str | None = None
    said_error: dict[str, str] | None = None

    @cached_property
    def id(self) -> str:
        return f"deployment_{friendly(self.seed)}"

    @cached_property
    def short_code(self) -> str:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"
        return "".join(digits[mix(self.seed, 7, n) % 36] for n in range(8))

    @property
    def content_hash(self) -> str:
        if self.said_hash is not None:
            return self.said_hash
        return f"{mix(self.seed, 8):016x}{mix(self.seed, 9):016x}"

    @property
    def order(self) -> tuple[int, int]:
        """How versions compare: by day, then by number."""
        day, _, number = self.version.partition(".")
        return int(day), int(number)

    @property
    def commit(self) -> str:
        if self.said_git is not None:
            return str(self.said_git.get("commitSha", ""))
        return "".join(f"{mix(self.seed, 10, n):016x}" for n in range(3))[:40]

    @property
    def git(self) -> dict[str, object]:
        """What the builder knew of the repository."""
        if self.said_git is not None:
            return self.said_git
        return {
            "dirty": False,
            "commitRef": "main",
            "commitSha": self.commit,
            "remoteUrl": "https://git.example.test/acme/jobs.git",
            "commitMessage": _SUBJECTS[self.seed % len(_SUBJECTS)],
            "commitAuthorName": _AUTHORS[(self.seed >> 8) % len(_AUTHORS)],
        }

    @property
    def error(self) -> dict[str, str] | None:
        """Why a build failed."""
        if self.status != "FAILED":
            return None
        if self.said_error is not None:
            return self.said_error
        return {
            "name": "BuildError",
            "message": "Failed to build project: cannot find module './mailer'",
            "stack": "BuildError: cannot find module './mailer'\n    at build (src/build.ts:88:11)",
            "stderr": "npm ERR! missing: mailer",
        }


def order(env: Environment, now_ms: int, status: str = "BUILDING") -> Release:
    """A new version of all tasks; it takes the next number of its day."""
    day = iso(now_ms)[:10].replace("-", "")
    number = 1 + sum(1 for each in env.releases if each.version.startswith(f"{day}."))
    seed = mix(env.seed, 81, seed_of(f"{day}.{number}"))
    release = Release(f"{day}.{number}", seed, now_ms, status, tuple(env.tasks))
    env.releases.append(release)
    return release


def deploy(world: "World", env: Environment, now_ms: int) -> Deployment:
    """A version is built and becomes current at a time; now and then a build before it failed."""
    if unit(env.seed, 500 + len(env.releases)) < 0.12:
        order(env, now_ms - 3 * BUILD_MS, "FAILED")
    release = order(env, now_ms - BUILD_MS, "DEPLOYED")
    return _put_live(world, env, release, now_ms)


def finish(world: "World", env: Environment, release: Release) -> None:
    """A build is ready, unless somebody cancelled it."""
    if release.status not in FINAL:
        release.status = "DEPLOYED"
        _put_live(world, env, release, world.now_ms)


def _put_live(world: "World", env: Environment, release: Release, now_ms: int) -> Deployment:
    """The version is current from now on; runs that waited for it are queued."""
    if release.deployed_ms is None:
        release.deployed_ms = now_ms
    deployment = Deployment(release.version, now_ms, release.tasks)
    env.deployments.append(deployment)
    for run in [run for run in env.runs.open.values() if run.status == "PENDING_VERSION"]:
        if run.task_id in deployment.tasks:
            world.engine.enqueue(run)
    return deployment


def promote(world: "World", env: Environment, release: Release) -> None:
    """Make a deployed version current again, or at last."""
    _put_live(world, env, release, world.now_ms)


def current(env: Environment, now_ms: int) -> Release | None:
    """The deployment that new runs get."""
    deployment = env.deployment_at(now_ms)
    if deployment is None:
        return None
    return next(each for each in env.releases if each.version == deployment.version)


def worker_id(env: Environment, version: str) -> str:
    """The worker that a version runs on."""
    return f"worker_{cuid(-1, 7, seed_of(env.slug + version))}"


def task_id(version: str, task: str) -> str:
    """A task's own id; it has another in each version."""
    return f"task_{friendly(seed_of(task + version))}"
