"""`trigdash doctor`: whether the server is reachable, takes the key, and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trigdash.backends.base import (
    BackendError,
    BadKey,
    CannotReach,
    Forbidden,
    Misconfigured,
    Unsupported,
    WrongAddress,
)
from trigdash.backends.certificates import described
from trigdash.backends.operations.groups import list_batches
from trigdash.backends.proxy import proxy_for
from trigdash.model.run_filter import RunFilter
from trigdash.model.status import FILTERABLE
from trigdash.service.filters.description import window_phrase

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.backends.target import Target
    from trigdash.clock import Clock
    from trigdash.model.capability import Reach
    from trigdash.model.run_row import RunsPage


class Verdict(Enum):
    """How a check went."""

    OK = "ok"
    MISSING = "--"
    """Not available, and the dashboard works without it."""
    FAILED = "FAILED"
    """Required, and not working."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check and what it found, in words."""

    verdict: Verdict
    subject: str
    words: str
    is_setting: bool = False
    """Whether a setting has to change before anything can work."""

    def line(self) -> str:
        return f"{self.verdict.value:<7} {self.subject:<13} {self.words}"

    def record(self) -> dict[str, str]:
        """The JSON output; `verdict` is `ok`, `missing` or `failed`."""
        return {"verdict": self.verdict.name.lower(), "subject": self.subject, "words": self.words}

    @property
    def code(self) -> int:
        """The exit code of the command because of this check."""
        if self.verdict is not Verdict.FAILED:
            return 0
        return 2 if self.is_setting else 1


async def examine(target: Target, backend: Backend, clock: Clock) -> AsyncIterator[CheckResult]:
    """Run the checks in order; stops early when no further one can work."""
    yield CheckResult(Verdict.OK, "address", target.api_url)
    for finding in _way(target.api_url):
        yield finding
    began_s = clock.monotonic()
    try:
        page = await backend.runs(RunFilter(), size=25)
    except BackendError as error:
        yield _no_answer_finding(error)
        return
    answered_ms = round((clock.monotonic() - began_s) * 1000)
    yield CheckResult(Verdict.OK, "reach", f"answered within {answered_ms} ms")
    yield await _identity(backend)
    yield _runs(page, backend.reach, clock)
    if target.backend == "trigger":
        yield _version(page)
    yield _budget(backend)
    async for finding in _endpoints(backend, page):
        yield finding


def _way(url: str) -> Iterator[CheckResult]:
    """What the environment sets for connections: a proxy, and trusted certificates."""
    proxy = proxy_for(url)
    if proxy is not None:
        yield CheckResult(Verdict.OK, "proxy", f"{proxy.shown} ({proxy.variable})")
    if url.startswith("https:"):
        for variable, words in described():
            yield CheckResult(Verdict.OK, "certificates", f"{variable}: {words}")


def _no_answer_finding(error: BackendError) -> CheckResult:
    """Why the first request got no answer: the server, the key, or the wrong server."""
    if isinstance(error, CannotReach):
        return CheckResult(Verdict.FAILED, "reach", error.message())
    if isinstance(error, WrongAddress | Misconfigured):
        subject = "answer" if isinstance(error, WrongAddress) else "settings"
        return CheckResult(Verdict.FAILED, subject, error.message(), is_setting=True)
    subject = "key" if isinstance(error, BadKey | Forbidden) else "answer"
    return CheckResult(Verdict.FAILED, subject, error.message())


async def _identity(backend: Backend) -> CheckResult:
    try:
        here = await backend.identity()
    except BackendError as error:
        return CheckResult(Verdict.MISSING, "identity", error.message())
    where = " / ".join(part for part in (here.project_name, here.environment) if part)
    note = ", production" if here.is_production else ""
    return CheckResult(Verdict.OK, "key", f"accepted: {where or 'an unnamed environment'}{note}")


def _runs(page: RunsPage, reach: Reach, clock: Clock) -> CheckResult:
    count = f"{len(page.rows)}{' and more' if page.next else ''}"
    within = window_phrase(RunFilter(), clock.now(), reach)
    return CheckResult(Verdict.OK, "runs", f"{count} {within}".rstrip())


def _version(page: RunsPage) -> CheckResult:
    """The server does not return its version; the status names show it."""
    if not page.rows:
        return CheckResult(Verdict.MISSING, "API version", "cannot be told: there are no runs yet")
    foreign = sorted({row.status_name for row in page.rows} - set(FILTERABLE))
    if foreign:
        words = f"another than 2025-07-16: it says {', '.join(foreign)} (shown as they are)"
        return CheckResult(Verdict.MISSING, "API version", words)
    return CheckResult(Verdict.OK, "API version", "2025-07-16, by its status words")


def _budget(backend: Backend) -> CheckResult:
    budget = backend.budget
    if budget.limit is None:
        return CheckResult(Verdict.MISSING, "rate limit", "the server names none")
    allowed = int(budget.limit * budget.share)
    words = f"{budget.remaining} of {budget.limit} left; trigdash takes at most {allowed} a minute"
    return CheckResult(Verdict.OK, "rate limit", words)


async def _endpoints(backend: Backend, page: RunsPage) -> AsyncIterator[CheckResult]:
    run_id = page.rows[0].id if page.rows else None
    checks: list[tuple[str, Callable[[], Awaitable[object]]]] = []
    if run_id is not None:
        checks += [
            ("run", lambda: backend.run(run_id)),
            ("trace", lambda: backend.trace(run_id)),
            ("events", lambda: backend.events(run_id)),
        ]
    checks += [
        ("queues", lambda: backend.queues(size=1)),
        ("batches", lambda: backend.call(list_batches())),
        ("error groups", backend.error_groups),
        ("environments", backend.environments),
    ]
    for subject, ask in checks:
        try:
            await ask()
        except Unsupported as error:
            yield CheckResult(Verdict.MISSING, subject, error.message())
        except BackendError as error:
            needed = subject in {"run", "queues"}
            verdict = Verdict.FAILED if needed else Verdict.MISSING
            yield CheckResult(verdict, subject, error.message())
        else:
            yield CheckResult(Verdict.OK, subject, "answers")
