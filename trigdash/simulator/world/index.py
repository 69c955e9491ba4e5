"""The runs of an environment, in the order of lists, and found by what lists filter by."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import islice

from trigdash.simulator.world.runs import Run
from trigdash.simulator.world.statuses import FINAL
from trigdash.simulator.world.texts import decode_cursor, encode_cursor

Test = Callable[[Run], bool]


@dataclass(slots=True)
class RunFilter:
    """The filter of a list; None means no restriction."""

    statuses: frozenset[str] | None = None
    tasks: frozenset[str] | None = None
    versions: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    queues: frozenset[str] | None = None
    machines: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    batch: str | None = None
    schedule: str | None = None
    bulk: str | None = None
    is_test: bool | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    also: Test | None = None


@dataclass(slots=True)
class RunPage:
    """One page, and the cursors that lead on from it."""

    runs: list[Run]
    next: str | None = None
    previous: str | None = None


class RunIndex:
    """All runs, oldest first, and by id, task, tag, batch, schedule and unusual status."""

    def __init__(self) -> None:
        self.all: list[Run] = []
        self.by_id: dict[str, Run] = {}
        self.open: dict[str, Run] = {}
        self._by: dict[str, dict[str, list[Run]]] = {
            kind: {} for kind in ("task", "tag", "batch", "schedule", "final")
        }
        self._unsorted: set[str] = set()

    def __len__(self) -> int:
        return len(self.all)

    def add(self, run: Run) -> None:
        """A new run."""
        self.by_id[run.id] = run
        self.open[run.id] = run
        _insert(self.all, run)
        self._file("task", run.task_id, run)
        for tag in run.tags:
            self._file("tag", tag, run)
        if run.batch is not None:
            self._file("batch", run.batch.id, run)
        if run.schedule is not None:
            self._file("schedule", run.schedule.id, run)

    def tag(self, run: Run, tag: str) -> None:
        """A run got another tag."""
        self._file("tag", tag, run)

    def close(self, run: Run) -> None:
        """A run reached a final status."""
        self.open.pop(run.id, None)
        if run.status != "COMPLETED_SUCCESSFULLY":
            # Runs end in another order than they began in: sorted on demand.
            self._by["final"].setdefault(run.status, []).append(run)
            self._unsorted.add(run.status)

    def drop(self, gone: Set[str]) -> None:
        """Forget the runs of these ids, all of which have ended."""
        self.all = [run for run in self.all if run.id not in gone]
        for run_id in gone:
            del self.by_id[run_id]
        for kind, lists in self._by.items():
            kept = {name: [r for r in runs if r.id not in gone] for name, runs in lists.items()}
            self._by[kind] = {name: runs for name, runs in kept.items() if runs or kind == "final"}

    def _file(self, kind: str, name: str, run: Run) -> None:
        runs = self._by[kind].get(name)
        if runs is None:
            self._by[kind][name] = [run]
        else:
            _insert(runs, run)

    def page(self, wanted: RunFilter, size: int, after: str | None, before: str | None) -> RunPage:
        """A page, newest first; one reached backwards comes oldest first (recorded)."""
        candidates = self._candidates(wanted)
        low, high = _window(candidates, wanted)
        tests = _tests(wanted)
        if before is not None:
            return _backward(candidates, low, high, tests, size, before)
        return _forward(candidates, low, high, tests, size, after)

    def select(self, wanted: RunFilter) -> list[Run]:
        """Every run that fits, newest first."""
        candidates = self._candidates(wanted)
        low, high = _window(candidates, wanted)
        tests = _tests(wanted)
        chosen = list(_fitting(candidates[low:high], tests))
        chosen.reverse()
        return chosen

    def _candidates(self, wanted: RunFilter) -> list[Run]:
        """The shortest list that holds everything that fits."""
        choices = [self.all]
        for kind, names in (
            ("task", wanted.tasks),
            ("tag", wanted.tags),
            ("batch", wanted.batch and {wanted.batch}),
            ("schedule", wanted.schedule and {wanted.schedule}),
        ):
            if names:
                choices.append(self._united(kind, names))
        if wanted.statuses is not None and "COMPLETED_SUCCESSFULLY" not in wanted.statuses:
            for status in self._unsorted & wanted.statuses:
                self._by["final"][status].sort(key=_place)
            self._unsorted -= wanted.statuses
            final = self._united("final", wanted.statuses & FINAL)
            if wanted.statuses - FINAL:
                final = sorted([*final, *self.open.values()])
            choices.append(final)
        return min(choices, key=len)

    def _united(self, kind: str, names: Iterable[str]) -> list[Run]:
        lists = [self._by[kind][name] for name in names if name in self._by[kind]]
        if len(lists) < 2:
            return lists[0] if lists else []
        return sorted({run.id: run for runs in lists for run in runs}.values())


def _place(run: Run) -> tuple[int, str]:
    return run.key


def _insert(runs: list[Run], run: Run) -> None:
    """Keep the order by creation; nearly always the new one is the last."""
    if not runs or runs[-1].key < run.key:
        runs.append(run)
    else:
        insort(runs, run)


def _window(runs: list[Run], wanted: RunFilter) -> tuple[int, int]:
    low, high = 0, len(runs)
    if wanted.from_ms is not None:
        low = bisect_left(runs, wanted.from_ms, key=lambda run: run.created_ms)
    if wanted.to_ms is not None:
        high = bisect_right(runs, wanted.to_ms, key=lambda run: run.created_ms)
    return low, high


def _tests(wanted: RunFilter) -> list[Test]:
    tests: list[Test] = []
    if (statuses := wanted.statuses) is not None:
        tests.append(lambda run: run.status in statuses)
    if (tasks := wanted.tasks) is not None:
        tests.append(lambda run: run.task_id in tasks)
    if (versions := wanted.versions) is not None:
        tests.append(lambda run: run.version in versions)
    if (tags := wanted.tags) is not None:
        tests.append(lambda run: not tags.isdisjoint(run.tags))
    if (queues := wanted.queues) is not None:
        tests.append(lambda run: run.queue.name in queues)
    if (machines := wanted.machines) is not None:
        tests.append(lambda run: run.machine in machines)
    if (regions := wanted.regions) is not None:
        tests.append(lambda run: run.region in regions)
    if wanted.is_test is not None:
        tests.append(lambda run: run.is_test is wanted.is_test)
    if wanted.bulk is not None:
        tests.append(lambda run: run.bulk == wanted.bulk)
    tests.extend(_relations(wanted))
    return tests


def _relations(wanted: RunFilter) -> list[Test]:
    tests: list[Test] = []
    if (batch := wanted.batch) is not None:
        tests.append(lambda run: run.batch is not None and run.batch.id == batch)
    if (schedule := wanted.schedule) is not None:
        tests.append(lambda run: run.schedule is not None and run.schedule.id == schedule)
    if wanted.also is not None:
        tests.append(wanted.also)
    return tests


def _fitting(runs: Iterable[Run], tests: list[Test]) -> Iterator[Run]:
    """The runs that pass every test; a chain of filters is quick enough to read 100,000."""
    for test in tests:
        runs = filter(test, runs)
    return iter(runs)


def _forward(
    runs: list[Run], low: int, high: int, tests: list[Test], size: int, after: str | None
) -> RunPage:
    cursor = read_cursor(after)
    if cursor is not None:
        high = min(high, bisect_left(runs, cursor, key=lambda run: run.key))
    newest_first = (runs[place] for place in range(high - 1, low - 1, -1))
    found = list(islice(_fitting(newest_first, tests), size + 1))
    page = RunPage(found[:size])
    if len(found) > size:
        page.next = make_cursor(found[size - 1])
    if after is not None and found:
        page.previous = make_cursor(found[0])
    return page


def _backward(
    runs: list[Run], low: int, high: int, tests: list[Test], size: int, before: str
) -> RunPage:
    cursor = read_cursor(before)
    if cursor is not None:
        low = max(low, bisect_right(runs, cursor, key=lambda run: run.key))
    found = list(islice(_fitting(islice(runs, low, high), tests), size + 1))
    page = RunPage(found[:size])
    if found:
        page.next = make_cursor(found[0])
        if len(found) > size:
            page.previous = make_cursor(found[size - 1])
    return page


def make_cursor(run: Run) -> str:
    """Opaque to clients: base64url JSON of time and id."""
    return encode_cursor({"c": run.created_ms, "r": run.id.removeprefix("run_")})


def read_cursor(text: str | None) -> tuple[int, str] | None:
    """A cursor's place; None for one that cannot be read, which counts as no cursor (recorded)."""
    parts = decode_cursor(text) if text is not None else None
    try:
        return None if parts is None else (int(parts["c"]), f"run_{parts['r']}")
    except (ValueError, KeyError, TypeError):
        return None
