"""Preview branches: environments of their own that share the key of their parent."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trigdash.simulator.deployments import deploy
from trigdash.simulator.environments import Environment
from trigdash.simulator.ids import cuid, mix, seed_of

if TYPE_CHECKING:
    from trigdash.simulator.world import World

FIRST = "checkout-redesign"
"""The branch that the preview environment's history belongs to."""

_PREFIX = re.compile(r"^refs/(heads|remotes/[^/]+|tags)/")


@dataclass(slots=True)
class Branch:
    """One branch and its environment."""

    name: str
    env: Environment
    created_ms: int
    archived_ms: int | None = None


def plain_name(name: str) -> str:
    """A branch's name without what git puts before it."""
    return _PREFIX.sub("", name.strip())


def find(world: "World", name: str | None) -> Branch | None:
    """A branch that is not archived."""
    branch = world.branches.get(plain_name(name or ""))
    return branch if branch is not None and branch.archived_ms is None else None


def first_ones(world: "World") -> dict[str, Branch]:
    """The branches that a world begins with."""
    preview = world.environments["preview"]
    return {FIRST: Branch(FIRST, preview, world.project.created_ms)}


def make(world: "World", name: str) -> Branch:
    """The branch of this name, taken out of the archive or new, with a version to run."""
    name = plain_name(name)
    branch = world.branches.get(name)
    if branch is None:
        parent = world.environments["preview"]
        env = Environment("preview", mix(world.seed, seed_of(name)), parent.limits, parent.tasks)
        env.id = cuid(-800_000, len(name), mix(parent.seed, seed_of(name)))
        env.secret_key = parent.secret_key
        branch = world.branches[name] = Branch(name, env, world.now_ms)
        deploy(world, env, world.now_ms)
    branch.archived_ms = None
    return branch
