"""The simulator with 100,000 runs of history: ready, answering, moving."""

import asyncio
import time
from pathlib import Path
from statistics import quantiles

import httpx

from tests.bench.finding import Finding
from tests.bench.simulated import child

COUNT = 100_000
RATE = 200
"""Requests a second that it must bear."""
SECONDS = 10


def simulator_load(rounds: int) -> list[Finding]:
    """One start: what it costs, then pages while the world moves, then a steady load."""
    began = time.perf_counter()
    options = ("--runs", str(COUNT), "--scenario", "busy", "--rate-limit", "0", "--port", "0")
    with child("-m", "trigdash", "simulate", *options) as (process, ready):
        ready_s = time.perf_counter() - began
        pages_ms = asyncio.run(_pages(ready, 20 * rounds))
        late_s, load_ms = asyncio.run(_load(ready))
        status = Path(f"/proc/{process.pid}/status").read_text()
    resident_kb = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    of = f"simulator, {COUNT:,} runs"
    return [
        Finding.alone("", f"{of}: ready", ready_s, "s", 15.0),
        Finding.alone("", f"{of}: a page of 100, p95", quantiles(pages_ms, n=20)[-1], "ms", 50.0),
        Finding.alone("", f"{of}: memory at most", int(resident_kb) / 1024, "MiB", 400.0),
        Finding.alone("", f"{of}: behind after {RATE} requests/s", late_s, "s", 1.0),
        Finding.alone("", f"{of}: p95 of those", quantiles(load_ms, n=20)[-1], "ms", None),
    ]


def _client(ready: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=ready["url"],
        headers={"Authorization": f"Bearer {ready['secret_key']}"},
        timeout=30.0,
        trust_env=False,
        limits=httpx.Limits(max_connections=20),
    )


async def _pages(ready: dict[str, str], count: int) -> list[float]:
    """Milliseconds of pages all over the history, one after the other."""
    took: list[float] = []
    cursor = None
    async with _client(ready) as client:
        for _ in range(count):
            params = {"page[size]": "100"} | ({"page[after]": cursor} if cursor else {})
            start = time.perf_counter()
            answer = await client.get("/api/v1/runs", params=params)
            took.append((time.perf_counter() - start) * 1000)
            cursor = answer.raise_for_status().json()["pagination"].get("next")
    return took


async def _load(ready: dict[str, str]) -> tuple[float, list[float]]:
    """How late the last of a steady stream of small requests was, and each one's milliseconds."""
    took: list[float] = []
    async with _client(ready) as client:

        async def ask(at_s: float) -> None:
            await asyncio.sleep(max(at_s - time.perf_counter(), 0))
            start = time.perf_counter()
            (await client.get("/api/v1/runs?page[size]=10")).raise_for_status()
            took.append((time.perf_counter() - start) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*(ask(began + n / RATE) for n in range(RATE * SECONDS)))
        late_s = time.perf_counter() - began - SECONDS
    return max(late_s, 0.0), took
