"""Deployments and preview branches: versions are ordered, built and made current."""

from trigdash.simulator.world.environments import Branch, Environment, plain_branch_name
from trigdash.simulator.world.ids import cuid, friendly, mix, seed_of
from trigdash.simulator.world.plan import unit
from trigdash.simulator.world.records import BUILD_MS, FINAL, Release
from trigdash.simulator.world.runs import Deployment
from trigdash.simulator.world.texts import iso
from trigdash.simulator.world.world import World


def order(env: Environment, now_ms: int, status: str = "BUILDING") -> Release:
    """A new version of all tasks; it takes the next number of its day."""
    day = iso(now_ms)[:10].replace("-", "")
    number = 1 + sum(1 for each in env.releases if each.version.startswith(f"{day}."))
    seed = mix(env.seed, 81, seed_of(f"{day}.{number}"))
    release = Release(f"{day}.{number}", seed, now_ms, status, tuple(env.tasks))
    if seed % 3 == 0:
        release.external_id = f"build-{seed % 9_000 + 1_000}"
    env.releases.append(release)
    return release


def deploy(world: World, env: Environment, now_ms: int) -> Deployment:
    """A version is built and becomes current at a time; now and then a build before it failed."""
    if unit(env.seed, 500 + len(env.releases)) < 0.12:
        order(env, now_ms - 3 * BUILD_MS, "FAILED")
    release = order(env, now_ms - BUILD_MS, "DEPLOYED")
    return _put_live(world, env, release, now_ms)


def finish(world: World, env: Environment, release: Release) -> None:
    """A build is ready, unless it was canceled."""
    if release.status not in FINAL:
        release.status = "DEPLOYED"
        _put_live(world, env, release, world.now_ms)


def _put_live(world: World, env: Environment, release: Release, now_ms: int) -> Deployment:
    """The version is current from now on; runs that waited for it are queued."""
    if release.deployed_ms is None:
        release.deployed_ms = now_ms
    deployment = Deployment(release.version, now_ms, release.tasks)
    env.deployments.append(deployment)
    if release.external_id is not None:
        env.external_versions[release.external_id] = release.version
    for run in [run for run in env.runs.open.values() if run.status == "PENDING_VERSION"]:
        if run.task_id in deployment.tasks:
            world.engine.enqueue(run)
    return deployment


def promote(world: World, env: Environment, release: Release) -> None:
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


def find_branch(world: World, name: str | None) -> Branch | None:
    """A branch that is not archived."""
    branch = world.branches.get(plain_branch_name(name or ""))
    return branch if branch is not None and branch.is_live else None


def make_branch(world: World, name: str) -> Branch:
    """The branch of this name, taken out of the archive or new, with a version to run."""
    name = plain_branch_name(name)
    branch = world.branches.get(name)
    if branch is None:
        parent = world.environments["preview"]
        seed = mix(world.seed, seed_of(name))
        limits, tasks = parent.limits, parent.tasks
        env = Environment("preview", seed, limits, tasks, world, world.has_v2_queues)
        env.id = cuid(-800_000, len(name), mix(parent.seed, seed_of(name)))
        env.secret_key = parent.secret_key
        branch = world.branches[name] = Branch(name, env, world.now_ms)
        deploy(world, env, world.now_ms)
    branch.archived_ms = None
    return branch
