"""Reads a trace: its tree at once, and page by page what the server left out.

A trace of 100,000 spans has ten pages. Each is read by its own poll, so that the screen shows the
progress; the tree is built from all of them at the end. This module is imported before the first
frame: standard library and light modules only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from trigdash.backends.base import InvalidRequest, NotFound, ServerError, Unsupported

if TYPE_CHECKING:
    from trigdash.backends.base import Backend
    from trigdash.model.trace import Trace
    from trigdash.model.trace_pages import PagesRead

NEEDS_ROOT = "the trace of its root run has them all"
NOT_IMPLEMENTED = 501


async def next_trace(backend: Backend, run_id: str, previous: Trace | None) -> Trace:
    """The present trace, or one page more of a paged one. Raises BackendError."""
    pages = previous.pages if previous is not None else None
    if previous is None or pages is None or pages.refused is not None:
        trace = await backend.trace(run_id)
        if previous is not None and trace == previous:
            return previous
        return _begun(trace, pages) if trace.truncated else trace
    if not pages.is_under_way:
        return await _read_again(backend, run_id, previous)
    return await _one_further(backend, run_id, previous, pages)


async def whole_trace(
    backend: Backend, run_id: str, progress: Callable[[int], None] | None = None
) -> Trace:
    """The trace, as complete as the server returns it. `progress` gets the number of spans so
    far."""
    trace = await next_trace(backend, run_id, None)
    while trace.pages is not None and trace.pages.is_under_way:
        trace = await next_trace(backend, run_id, trace)
        if progress is not None and trace.pages is not None and trace.pages.is_under_way:
            progress(trace.pages.spans)
    return trace


def _begun(trace: Trace, pages: PagesRead | None) -> Trace:
    """Start reading pages of a tree that the server cut. A server that refused pages is not asked
    again."""
    from trigdash.model.trace_pages import PagesRead

    return replace(trace, pages=pages or PagesRead())


async def _one_further(backend: Backend, run_id: str, trace: Trace, pages: PagesRead) -> Trace:
    from trigdash.backends.operations.runs import trace_page
    from trigdash.model.trace_pages import assemble_trace

    try:
        page = await backend.call(trace_page(run_id, pages.next or None))
    except (InvalidRequest, NotFound, Unsupported, ServerError) as error:
        if isinstance(error, ServerError) and error.status != NOT_IMPLEMENTED:
            raise
        reason = NEEDS_ROOT if "root" in error.text else ""
        return replace(trace, pages=replace(pages, pages=(), refused=reason))
    if page is None:
        return replace(trace, pages=replace(pages, pages=(), refused=""))
    read = pages.with_page(page)
    if read.is_under_way:
        return replace(trace, pages=read)
    return await asyncio.to_thread(assemble_trace, read.pages, trace.trace_id)


async def _read_again(backend: Backend, run_id: str, previous: Trace) -> Trace:
    """Read all pages again at once; the whole trace stays on screen meanwhile."""
    from trigdash.model.trace_pages import PagesRead

    trace = replace(previous, pages=PagesRead())
    while trace.pages is not None and trace.pages.is_under_way:
        trace = await _one_further(backend, run_id, trace, trace.pages)
    return previous if trace == previous else trace
