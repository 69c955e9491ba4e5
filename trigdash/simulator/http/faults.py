"""Faults for tests of clients, switched on one by one."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One fault, for the next `times` requests whose method and path fit.

    `status` answers with it instead of acting; `drop` closes the connection, with `act` after
    acting; `garbage` sends these bytes as a 200; `delay_s` waits first; `body` and `headers`
    belong to `status`.
    """

    method: str | None = None
    path: str = ""
    times: int | None = 1
    status: int | None = None
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    act: bool = True
    garbage: bytes | None = None
    delay_s: float = 0.0

    def fits(self, method: str, path: str) -> bool:
        return (self.method is None or self.method == method) and self.path in path


class Faults:
    """The switches that are on, and the keys that are refused."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self.revoked: set[str] = set()
        self._watchers: list[Callable[[str, str], None]] = []

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on; give it to `remove` to switch it off early."""
        self.active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        if fault in self.active:
            self.active.remove(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self.active.clear()
        self.revoked.clear()

    def answer(
        self, status: int, *, times: int | None = 1, path: str = "", **more: object
    ) -> Fault:
        """The next requests are answered with this status and not acted upon."""
        return self.add(Fault(path=path, times=times, status=status, **more))  # type: ignore[arg-type]

    def drop(
        self,
        *,
        after_acting: bool = False,
        times: int | None = 1,
        path: str = "",
        method: str | None = None,
    ) -> Fault:
        """The connection is closed without an answer."""
        return self.add(Fault(method, path, times, drop=True, act=after_acting))

    def garble(
        self, content: bytes = b'{"data": [{"id"', *, times: int | None = 1, path: str = ""
    ) -> Fault:
        """A 200 with a body that is no JSON."""
        return self.add(Fault(path=path, times=times, garbage=content))

    def delay(self, seconds: float, *, times: int | None = None, path: str = "") -> Fault:
        """Delay answers."""
        return self.add(Fault(path=path, times=times, delay_s=seconds))

    def revoke(self, credential: str) -> None:
        """A key or token is refused from now on."""
        self.revoked.add(credential)

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault of a request; counts down."""
        for fault in self.active:
            if fault.fits(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.active.remove(fault)
                return fault
        return None
