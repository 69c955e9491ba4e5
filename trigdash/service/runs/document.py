"""Payloads and outputs that are too large for the run's answer: downloaded by link, once.

This module is imported before the first frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from typing_extensions import override

from trigdash.backends.base import Forbidden, InvalidRequest, NotFound, Unsupported
from trigdash.model.json_text import json_compact, parse_json
from trigdash.service.cache.query import Query

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.service.cache.store import Store

MAX_BYTES = 20_000_000
"""The largest document that is downloaded, twice the platform's limit for payloads."""
LARGE_BYTES = 200_000
"""Documents of this size or more are parsed in a thread, so that keys are handled meanwhile."""


@dataclass(frozen=True, slots=True)
class Document:
    """A downloaded document."""

    value: Any
    """Its JSON value, or its text if it is not JSON."""
    size_bytes: int
    is_json: bool


@dataclass(frozen=True, slots=True)
class DocumentQuery(Query[Document]):
    """A run's payload or output behind a presigned link.

    Links are valid for five minutes, so each fetch requests a new one. The document never changes.
    """

    run_id: str
    part: Literal["payload", "output"]

    EVERY_S: ClassVar[float] = 30.0

    @override
    async def fetch(self, backend: Backend, previous: Document | None) -> Document:
        if previous is not None:
            return previous
        link = await self._address(backend)
        if not link:
            return await self._with_run(backend)
        return await _downloaded(backend, link)

    async def _address(self, backend: Backend) -> str:
        """A new address, from a server with a route for it; otherwise empty."""
        from trigdash.backends.operations.runs import packet_address

        try:
            return await backend.call(packet_address(self.run_id, self.part))
        except (Forbidden, InvalidRequest, NotFound, Unsupported):
            return ""

    async def _with_run(self, backend: Backend) -> Document:
        """The document from the address in the run, or from the run itself."""
        run = await backend.run(self.run_id)
        is_payload = self.part == "payload"
        link = run.payload_presigned_url if is_payload else run.output_presigned_url
        if link is None:
            value = run.payload if is_payload else run.output
            return Document(value, len(json_compact(value)), True)
        return await _downloaded(backend, link)

    @override
    def is_final(self, data: Document, store: Store, now: datetime) -> bool:
        return True


async def _downloaded(backend: Backend, link: str) -> Document:
    body = await backend.download(link, MAX_BYTES)
    if len(body) < LARGE_BYTES:
        return read_document(body)
    return await asyncio.to_thread(read_document, body)


def read_document(body: bytes) -> Document:
    """The parsed JSON, or else the text; JSON that nests too deeply stays text."""
    text = body.decode("utf-8", "replace")
    try:
        return Document(parse_json(text), len(body), True)
    except ValueError:
        return Document(text, len(body), False)
