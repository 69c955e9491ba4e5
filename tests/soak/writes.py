"""Whether what the server received is what was confirmed: each write it logged belongs to one line
of the action log, by operation, target, idempotency key and time."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Entry = Mapping[str, Any]
"""A line of the action log."""
Write = Mapping[str, Any]
"""A write that the server received."""


@dataclass(frozen=True, slots=True)
class Route:
    """Writes of one kind: which actions send them, where, and whether a second time does harm."""

    actions: frozenset[str]
    path: re.Pattern[str]
    is_once: bool = False


def _route(actions: str, pattern: str, *, is_once: bool = False) -> Route:
    """`{}` in a pattern is the target as the action log names it; `*` is any one step. Where the
    log names something else, or nothing is there yet, a pattern has no target."""
    steps = re.escape(pattern).replace(r"\{\}", "(?P<target>.+)").replace(r"\*", "[^/]+")
    return Route(frozenset(actions.split(", ")), re.compile(steps), is_once)


ROUTES = (
    _route("cancel", "POST /api/*/runs/{}/cancel"),
    _route("replay", "POST /api/*/runs/{}/replay", is_once=True),
    _route("retry", "POST /api/*/runs/{}/retry", is_once=True),
    _route("restart", "POST /api/*/runs/{}/restart", is_once=True),
    _route("tag", "POST /api/*/runs/{}/tags"),
    _route("reschedule", "POST /api/*/runs/{}/reschedule", is_once=True),
    _route("metadata", "PUT /api/*/runs/{}/metadata"),
    _route("trigger", "POST /api/*/tasks/{}/trigger", is_once=True),
    _route("trigger batch", "POST /api/*/batches"),
    _route("pause, resume", "POST /api/*/queues/{}/pause"),
    _route("limit", "POST /api/*/queues/{}/concurrency/override"),
    _route("reset limit, unlimit", "POST /api/*/queues/{}/concurrency/reset"),
    _route("bulk cancel, bulk replay", "POST /api/*/bulk-actions", is_once=True),
    _route("abort bulk", "POST /api/*/bulk-actions/{}/abort"),
    _route("resolve", "POST /api/*/errors/{}/resolve"),
    _route("ignore", "POST /api/*/errors/{}/ignore"),
    _route("unresolve", "POST /api/*/errors/{}/unresolve"),
    _route("override", "POST /api/*/concurrency-limits/{}/override"),
    _route("reset", "POST /api/*/concurrency-limits/{}/reset"),
    _route("pause, resume", "POST /api/*/concurrency-limits/{}/pause"),
    _route("create", "POST /api/*/schedules"),
    _route("edit", "PUT /api/*/schedules/{}"),
    _route("delete", "DELETE /api/*/schedules/{}"),
    _route("activate", "POST /api/*/schedules/{}/activate"),
    _route("deactivate", "POST /api/*/schedules/{}/deactivate"),
    _route("create", "POST /api/*/waitpoints/tokens", is_once=True),
    _route("complete", "POST /api/*/waitpoints/tokens/{}/complete"),
    _route("promote, rollback", "POST /api/*/deployments/*/promote"),
    _route("create", "POST /api/*/projects/*/envvars/*"),
    _route("import", "POST /api/*/projects/*/envvars/*/import"),
    _route("edit", "PUT /api/*/projects/*/envvars/*/{}"),
    _route("delete", "DELETE /api/*/projects/*/envvars/*/{}"),
    _route("close", "POST /api/*/sessions/{}/close"),
    _route("enable", "POST /api/*/webhooks/endpoints/{}/enable"),
    _route("disable", "POST /api/*/webhooks/endpoints/{}/disable"),
    _route("replay", "POST /api/*/webhooks/deliveries/{}/replay", is_once=True),
    _route("archive", "POST /api/*/projects/*/branches/archive"),
    _route("pause", "POST /api/*/projects/*/*/pause"),
    _route("resume", "POST /api/*/projects/*/*/resume"),
)
TRIES = 4
"""How often a write that does no harm is sent at most, for one confirmation."""
NOT_ACTED = frozenset({"unauthorized"})
"""Faults that say that nothing was done: the key is read anew, and even a replay is sent again."""
NO_ANSWER = frozenset({401, 408, 429})
"""Statuses below 500 after which a write may be sent again."""
GRACE = timedelta(seconds=1)
"""Between the clocks of a server's log and of the action log, on one machine."""


@dataclass
class Match:
    """The writes that a server received, beside the confirmed ones."""

    received: int = 0
    confirmed: int = 0
    repeats: Counter[str] = field(default_factory=Counter)
    """Received again within one confirmation, by what the answer before had met."""
    unsent: Counter[str] = field(default_factory=Counter)
    """Confirmations of which the server received nothing, by how they ended."""
    wrong: list[str] = field(default_factory=list)
    """Sentences on what nothing explains."""

    def add(self, other: Match) -> None:
        """Those of another stretch."""
        self.received += other.received
        self.confirmed += other.confirmed
        self.repeats.update(other.repeats)
        self.unsent.update(other.unsent)
        self.wrong += other.wrong

    def text(self) -> str:
        """The sum, which holds exactly: what was received is what was confirmed."""
        return (
            f"confirmed {self.confirmed} = {self.confirmed - self.unsent.total()} received"
            f" + {self.unsent.total()} that never reached the server ({counts_text(self.unsent)}); "
            f"received {self.received} = {self.received - self.repeats.total()} confirmed"
            f" + {self.repeats.total()} sent again within one confirmation after"
            f" {counts_text(self.repeats)}; unexplained {len(self.wrong)}"
        )


def read_entries(path: Path) -> list[Entry]:
    """The action log, the oldest first."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def match(writes: Iterable[Write], entries: Iterable[Entry]) -> Match:
    """Give each received write to the confirmation that it belongs to."""
    received = sorted(writes, key=lambda write: write["number"])
    confirmed = sorted(entries, key=lambda entry: entry["at"])
    found = Match(len(received), len(confirmed))
    given: dict[int, list[Write]] = defaultdict(list)
    for write in received:
        answered = {place for place, sent in given.items() if not _may_come_again(sent[-1])}
        owner = _owner(write, confirmed, answered)
        if owner is None:
            found.wrong.append(f"{_told(write)}: never confirmed")
        else:
            given[owner].append(write)
    for place, entry in enumerate(confirmed):
        sent = given[place]
        found.wrong += _too_often(sent)
        found.repeats.update(_met(before) for before in sent[:-1])
        if not sent:
            found.unsent[entry["result"]] += 1
        if entry["result"] == "done" and not _took_effect(entry, received):
            found.wrong.append(f"{_named(entry)}: said to be done, never acted upon")
    return found


def _owner(write: Write, entries: Sequence[Entry], answered: Container[int]) -> int | None:
    """The place of the confirmation of a write: the first that ended after it and was not answered
    before, else the first. One that was cut short by the end of the program bears the time of its
    beginning."""
    own = [place for place, entry in enumerate(entries) if _is_of(write, entry)]
    at = datetime.fromisoformat(write["at"])
    ends = [(place, datetime.fromisoformat(entries[place]["at"])) for place in own]
    after = [place for place, end in ends if end + GRACE >= at]
    later = next((place for place in after if place not in answered), after[0] if after else None)
    unknown = [place for place in own if entries[place]["result"] == "unknown"]
    return later if later is not None else unknown[-1] if unknown else None


def _is_of(write: Write, entry: Entry) -> bool:
    """Whether a write is what an action sends."""
    return any(_fits(route, write, entry) for route in ROUTES if entry["action"] in route.actions)


def _fits(route: Route, write: Write, entry: Entry) -> bool:
    found = route.path.fullmatch(_place(write))
    if found is None:
        # The parts of a batch name how far they go.
        is_part = entry["action"].startswith("send items") and write["path"].endswith("/items")
        return is_part and entry["target"] in write["path"]
    body = _body(write)
    if ids := entry.get("run_ids"):
        return f'"{ids[0]}"' in write["body"]
    if entry["action"] in ("pause", "resume") and "action" in body:
        return found["target"] == entry["target"] and body["action"] == entry["action"]
    return found.groupdict().get("target") in (None, entry["target"])


def _too_often(sent: Sequence[Write]) -> list[str]:
    """What of the writes of one confirmation was not to be sent again: another request, a harmful
    one, one that was answered, or one more than are tried."""
    wrong = []
    for before, write in pairwise(sent):
        if (_place(before), before["body"], _key(before)) != (
            _place(write), write["body"], _key(write),
        ):  # fmt: skip
            wrong.append(f"{_told(write)}: another request than the one before")
        elif not _may_come_again(before):
            wrong.append(f"{_told(write)}: sent again although it was answered")
        elif _is_once(write) and not (before["fault"] in NOT_ACTED or before["status"] == 401):
            wrong.append(f"{_told(write)}: sent again, which does harm")
    if len(sent) > TRIES:
        wrong.append(f"{_told(sent[-1])}: confirmed once, received {len(sent)} times")
    return wrong


def _may_come_again(write: Write) -> bool:
    """Whether its answer did not arrive, or asked to come again."""
    return write["fault"] is not None or _is_trouble(write["status"])


def _took_effect(entry: Entry, writes: Iterable[Write]) -> bool:
    """Whether any write did what an action says. A lost cancelation of a run that one before had
    canceled is done, although its own request never arrived."""
    return any(write["acted"] and _is_of(write, entry) for write in writes)


def _is_once(write: Write) -> bool:
    is_once = any(route.is_once for route in ROUTES if route.path.fullmatch(_place(write)))
    return is_once and '"idempotencyKey"' not in write["body"]


def _is_trouble(status: int | None) -> bool:
    return status is None or status >= 500 or status in NO_ANSWER


def _place(write: Write) -> str:
    return f"{write['method']} {unquote(write['path'])}"


def _key(write: Write) -> str | None:
    """The key under which a server takes two requests for one, where there is one."""
    return write.get("idempotency_key")


def _body(write: Write) -> Mapping[str, Any]:
    try:
        body = json.loads(write["body"])
    except ValueError:  # none, a part of a long one, or JSON lines
        return {}
    return body if isinstance(body, dict) else {}


def _met(write: Write) -> str:
    return write["fault"] or f"status {write['status']}"


def _told(write: Write) -> str:
    return f"{_place(write)} {write['body'][:200]} (number {write['number']}, {_met(write)})"


def _named(entry: Entry) -> str:
    return f"{entry['action']} {entry['target']} of {entry['at']}"


def counts_text(counts: Counter[str]) -> str:
    """The counts of words, the highest first."""
    return ", ".join(f"{word} {number}" for word, number in counts.most_common()) or "none"
