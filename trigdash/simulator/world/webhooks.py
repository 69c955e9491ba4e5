"""Incoming webhooks: endpoints, and the deliveries that triggered runs of the shop.

Deliveries are generated on demand from the runs of the endpoint's task: most triggered one; next to
some of them there is another that was filtered, matched nothing or failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from trigdash.simulator.world.environments import Environment
from trigdash.simulator.world.ids import friendly, letters, mix, seed_of
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run

RETENTION_MS = 7 * 86_400_000
STATUSES = ("pending", "processing", "succeeded", "failed", "filtered", "unmatched")
# Of a hundred runs this many have a neighboring delivery that triggered nothing.
_BESIDE = ((12, "filtered"), (20, "unmatched"), (28, "failed"))
_SENT_BEFORE_MS = 45


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A task that an endpoint triggers, and the filter that a delivery must pass."""

    task_id: str
    filter: str | None = None

    @property
    def id(self) -> str:
        return f"whs_{friendly(seed_of(self.task_id))}"


@dataclass(slots=True)
class Endpoint:
    """An address that another system sends to."""

    id: str
    declared_id: str
    source: str
    subscribers: tuple[Subscriber, ...]
    created_ms: int
    updated_ms: int
    secret: str
    status: str = "active"
    previous_until_ms: int | None = None


@dataclass(slots=True)
class Delivery:
    """One request of the other system, and the run it triggered at each subscriber."""

    id: str
    endpoint: Endpoint
    status: str
    created_ms: int
    seed: int
    runs: list[Run] = field(default_factory=list)
    is_test: bool = False
    replay_of: str | None = None

    @property
    def processed_ms(self) -> int | None:
        waits = self.status in {"pending", "processing"}
        return None if waits else self.created_ms + _SENT_BEFORE_MS

    @property
    def key(self) -> tuple[int, str]:
        """The order of lists, oldest first."""
        return self.created_ms, self.id


class Webhooks:
    """The endpoints of one environment and what was delivered to them."""

    def __init__(self, env: Environment, created_ms: int):
        self.env = env
        self.endpoints = {
            each.id: each
            for each in (
                self._endpoint(
                    "payments-events",
                    "stripe",
                    (
                        Subscriber("charge-invoice"),
                        Subscriber("sync-crm", "event.type == 'customer.updated'"),
                    ),
                    created_ms,
                ),
                self._endpoint("repository-push", "github", (), created_ms),
            )
        }
        # Deliveries that were replayed here.
        self.made: list[Delivery] = []

    def _endpoint(
        self, name: str, source: str, subscribers: tuple[Subscriber, ...], created_ms: int
    ) -> Endpoint:
        seed = mix(self.env.seed, seed_of(name))
        secret = f"whsec_{letters(seed, 32)}"
        return Endpoint(
            f"wh_{friendly(seed)}", name, source, subscribers, created_ms, created_ms, secret
        )

    def find(self, name: str) -> Endpoint | None:
        """An endpoint by its id or by its declared id."""
        known = (each for each in self.endpoints.values() if each.declared_id == name)
        return self.endpoints.get(name) or next(known, None)

    def deliveries(self, now_ms: int) -> list[Delivery]:
        """All deliveries of the retention time, newest first."""
        found = [*self.made, *self._generated(now_ms)]
        return sorted(found, key=lambda each: each.key, reverse=True)

    def _generated(self, now_ms: int) -> Iterator[Delivery]:
        for endpoint in self.endpoints.values():
            for subscriber in endpoint.subscribers[:1]:
                wanted = RunFilter(
                    tasks=frozenset({subscriber.task_id}), from_ms=now_ms - RETENTION_MS
                )
                for run in self.env.runs.select(wanted):
                    yield from _around(endpoint, run)


def _around(endpoint: Endpoint, run: Run) -> Iterator[Delivery]:
    seed = mix(run.seed, 401)
    sent_ms = run.created_ms - _SENT_BEFORE_MS
    name = f"whd_{friendly(seed)}"
    yield Delivery(name, endpoint, "succeeded", sent_ms, seed, [run], run.is_test)
    luck = seed % 100
    for below, status in _BESIDE:
        if luck < below:
            beside = mix(seed, 1)
            yield Delivery(f"whd_{friendly(beside)}", endpoint, status, sent_ms - 900, beside)
            return
