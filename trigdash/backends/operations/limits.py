"""Concurrency limits, from server 4.7 on; overrides of one key from 4.7.4 on."""

from __future__ import annotations

from typing import Any

from trigdash.backends.base import Capability
from trigdash.backends.operation import Operation, numbered_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.limit import KeyLimit, Limit
from trigdash.model.listing import object_parser

_PATH = ("v1", "concurrency-limits")
list_limits = listed(Capability.LIMITS, _PATH, Limit, numbered_page, since="4.7")
get_limit = got(Capability.LIMITS, _PATH, Limit)


def get_key_limit(name: str, key: str) -> Operation[KeyLimit]:
    """A limit as one concurrency key sees it."""
    parser = object_parser(KeyLimit)
    params = (("concurrencyKey", key),)
    return Operation(Capability.LIMITS, (*_PATH, name), parser, params=params)


def override_limit(name: str, per_key: int | None, total: int | None) -> Operation[None]:
    """Override the bounds that are given, across deployments; 0 blocks."""
    return _write(name, "override", {"perKey": per_key, "total": total})


def override_key(name: str, key: str, per_key: int, ttl: str | None) -> Operation[None]:
    """Override one key's bound for a time: 7 days unless `ttl` says otherwise, 30 at most."""
    return _write(name, "override", {"concurrencyKey": key, "perKey": per_key, "ttl": ttl})


def reset_limit(name: str, key: str | None = None) -> Operation[None]:
    """Take the overrides of a limit back, or that of one key."""
    return _write(name, "reset", {"concurrencyKey": key})


def pause_limit(name: str, paused: bool) -> Operation[None]:
    """Let nothing start that holds the limit, or let it go on."""
    return _write(name, "pause", {"action": "pause" if paused else "resume"})


def _write(name: str, step: str, body: dict[str, Any]) -> Operation[None]:
    return sent(Capability.LIMIT_WRITES, (*_PATH, name, step), body)
