"""Waitpoint tokens: https://trigger.dev/docs/wait-for-token."""

from typing import Any

from trigdash.backends.base import Capability
from trigdash.backends.operation import Effect, Operation, cursor_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.listing import object_parser
from trigdash.model.waitpoint import CreatedToken, WaitpointToken

_PATH = ("v1", "waitpoints", "tokens")
list_tokens = listed(Capability.TOKENS, _PATH, WaitpointToken, cursor_page)
get_token = got(Capability.TOKENS, _PATH, WaitpointToken)


def create_token(
    timeout: str | None, tags: list[str] | None, idempotency_key: str | None
) -> Operation[CreatedToken]:
    """Create a token. With an idempotency key it is the same token each time."""
    body = {"timeout": timeout, "tags": tags, "idempotencyKey": idempotency_key}
    effect = Effect.REPEATABLE if idempotency_key else Effect.ONCE
    parser = object_parser(CreatedToken)
    return sent(Capability.TOKEN_WRITES, _PATH, body, parser, effect=effect)


def complete_token(token_id: str, data: Any) -> Operation[None]:
    """Complete a token with JSON data. A second completion changes nothing (recorded)."""
    body = {} if data is None else {"data": data}
    return sent(Capability.TOKEN_WRITES, (*_PATH, token_id, "complete"), body)
