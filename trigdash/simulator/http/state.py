"""What the server keeps besides the world: its clock, credentials, limits and faults."""

from collections.abc import Callable, Sequence
from time import time

from trigdash.simulator.http.credentials import allows, claims_of, is_valid_token, sign_token
from trigdash.simulator.http.dashboards import Dashboard
from trigdash.simulator.http.faults import Faults
from trigdash.simulator.http.feeds import Feeds
from trigdash.simulator.http.ratelimit import Limiter, Rate
from trigdash.simulator.world.deployments import find_branch
from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.webhooks import Webhooks
from trigdash.simulator.world.world import World

_OLD_KEY_MS = 24 * 3_600_000
Now = Callable[[], int]
_BRANCH_WANTED = "x-trigger-branch header required for preview env"


def wall_ms() -> int:
    """The wall time in epoch milliseconds."""
    return int(time() * 1000)


class ServerState:
    """What the server keeps besides the world itself."""

    def __init__(
        self,
        world: World,
        now_ms: Now = wall_ms,
        trace_store: str = "clickhouse",
        rate: Rate | None = None,
    ):
        self.world = world
        self.now_ms = now_ms
        self.trace_store = trace_store
        # The organization's switch for traces in pages (from 4.7.4).
        self.pages_traces = True
        # Whether the organization takes part in the beta of monitoring alerts.
        self.has_alerts = True
        self.limiter = Limiter() if rate is None else Limiter(rate)
        self.faults = Faults()
        # Bodies of presigned uploads, by storage path.
        self.packets: dict[str, bytes] = {}
        # Custom dashboards of the project, by id.
        self.dashboards: dict[str, Dashboard] = {}
        self.feeds = Feeds()
        self.webhooks = Webhooks(world.env, world.project.created_ms)
        # Keys that were replaced, and when they cease to work.
        self._ending: dict[str, int] = {}
        self._keys = {env.secret_key: env for env in world.environments.values()}

    def knows(self, version: str) -> bool:
        """Whether the server is of this version or newer."""
        return _number(self.world.version) >= _number(version)

    def catch_up(self) -> None:
        """Move the world to the present."""
        self.world.advance(self.now_ms())

    def environment_of(self, key: str, branch: str | None) -> Environment | None:
        """The environment of a secret key; for a preview key that of the branch."""
        ends_ms = self._ending.get(key)
        if key in self.faults.revoked or (ends_ms is not None and ends_ms < self.now_ms()):
            return None
        env = self._keys.get(key)
        if env is None or env.type != "PREVIEW":
            return env
        found = find_branch(self.world, branch)
        return None if found is None else found.env

    def branch_trouble(self, key: str, branch: str | None) -> str | None:
        """What is wrong with the branch that a preview key comes with."""
        env = self._keys.get(key)
        if env is None or env.type != "PREVIEW" or key in self.faults.revoked:
            return None
        return "No matching branch env" if branch else _BRANCH_WANTED

    def replace_key(self, env: Environment, key: str) -> str:
        """Give an environment another secret key; the old one works for a day more."""
        self._ending[env.secret_key] = self.now_ms() + _OLD_KEY_MS
        env.secret_key = key
        self._keys[key] = env
        return key

    def is_access_token(self, token: str) -> bool:
        return token == self.world.project.access_token and token not in self.faults.revoked

    def public_token(self, token: str) -> tuple[Environment, tuple[str, ...]] | None:
        """The environment and scopes of a valid public token."""
        claims = claims_of(token)
        if claims is None or token in self.faults.revoked:
            return None
        for env in self.world.every_environment():
            if env.id == claims.get("sub") and is_valid_token(
                token, env.secret_key, self.now_ms() / 1000
            ):
                return env, tuple(claims.get("scopes") or ())
        return None

    def mint(self, env: Environment, scopes: Sequence[str], lifetime_s: int = 3600) -> str:
        """A public token of an environment."""
        claims = {"sub": env.id, "pub": True, "scopes": list(scopes)}
        return sign_token(claims, env.secret_key, self.now_ms() // 1000, lifetime_s)

    def allows(self, scopes: Sequence[str], wanted: Sequence[str]) -> bool:
        return allows(scopes, wanted)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
