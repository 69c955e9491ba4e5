"""The simulator among bad clients: garbage for HTTP, slow ones, a thousand connections, for as long
as wanted, in a world that runs sixty times as fast as life.

    python -m tests.bad_clients --minutes 60

Prints its memory each minute and what it answered; exit code 1 when it stopped answering good
clients, ended, or grew without end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic

import httpx

from tests.bench.simulated import child

PATIENCE_S = 30.0

GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,  # TLS
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET\r\n\r\n",
    b"\r\n" * 500,
    b"\x00" * 4_000,
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",
    b"POST /api/v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n{}",
    b"POST /api/v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\n\r\n{}",
    b"POST /api/v1/query HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /api/v1/query HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n{",
    b"GET /api/v1/runs%ZZ%00?page[size]=%ff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /api/v1/runs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    b"GET /api/v1/runs HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nUpgrade: websocket\r\n\r\n",
)


async def send_garbage(port: int, random: Random) -> bytes:
    """Say something that is no HTTP, or hardly; what came back first."""
    said = random.choice(GARBAGE)
    if random.random() < 0.5:
        at = random.randrange(len(said))
        said = said[:at] + random.randbytes(random.randrange(1, 40)) + said[at:]
    async with _connected(port) as (reader, writer):
        with suppress(ConnectionError, TimeoutError):
            writer.write(said)
            await writer.drain()
            if random.random() < 0.5:
                return await asyncio.wait_for(reader.read(64), 0.3)
    return b""


async def drip(port: int, seconds: float) -> None:
    """Ask for something a byte at a time, and never to the end."""
    async with _connected(port) as (_, writer):
        end_s = monotonic() + seconds
        with suppress(ConnectionError):
            for byte in b"GET /api/v1/runs HTTP/1.1\r\nHost: " + b"a" * 10_000:
                if monotonic() > end_s:
                    return
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)


async def hold(port: int, count: int, until: asyncio.Event) -> int:
    """Open many connections and say nothing until told to go; how many were taken."""
    taken = 0
    writers = []
    for _ in range(count):
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            taken += 1
    await until.wait()
    for writer in writers:
        writer.close()
    return taken


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class Good:
    """A client as it should be, which measures its answers."""

    PATHS = ("/api/v1/runs?page[size]=20", "/api/v1/queues", "/api/v1/schedules", "/api/v1/whoami")

    def __init__(self, ready: dict[str, str]) -> None:
        self.took_ms: list[float] = []
        self._client = httpx.AsyncClient(
            base_url=ready["url"],
            headers={"Authorization": f"Bearer {ready['secret_key']}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )

    async def ask(self, random: Random) -> None:
        """Read one list; raises where it is not answered with a success."""
        began = monotonic()
        answer = await self._client.get(random.choice(self.PATHS))
        answer.raise_for_status()
        json.loads(answer.content)
        self.took_ms.append((monotonic() - began) * 1000)

    async def aclose(self) -> None:
        await self._client.aclose()


async def bother(
    ready: dict[str, str], pid: int, *, seconds: float, connections: int, seed: int
) -> tuple[Counter[str], list[float], list[float]]:
    """Be bad clients for so long, and one good one: what was done, the good one's milliseconds,
    and the server's memory in MiB, measured a hundred times at most."""
    port, random, done = int(ready["url"].rpartition(":")[2]), Random(seed), Counter[str]()
    good, memory, go = Good(ready), [], asyncio.Event()
    holding = asyncio.create_task(hold(port, connections, go))
    dripping = [asyncio.create_task(drip(port, seconds)) for _ in range(20)]
    end_s, next_s = monotonic() + seconds, 0.0
    while monotonic() < end_s:
        await send_garbage(port, random)
        await good.ask(random)
        done.update(garbage=1, good=1)
        if monotonic() >= next_s:
            memory.append(_memory_mib(pid))
            next_s = monotonic() + seconds / 100
    go.set()
    done["held"] = await holding
    await asyncio.gather(*dripping)
    done["dripping"] = len(dripping)
    await good.ask(random)
    await good.aclose()
    return done, good.took_ms, memory


def _memory_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> int:
    """The command; 1 when memory grows, or a good client is not answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.bad_clients", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--connections", type=int, default=1_000)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    options = ("--scenario", "busy", "--speed", str(args.speed), "--rate-limit", "0")
    with child("-m", "trigdash", "simulate", *options) as (process, ready):
        done, took_ms, memory = asyncio.run(
            bother(
                ready,
                process.pid,
                seconds=args.minutes * 60,
                connections=args.connections,
                seed=args.seed,
            )
        )
        is_alive = process.poll() is None
    took_ms.sort()
    tenth = max(1, len(memory) // 10)
    middle, last = median(memory[len(memory) // 2 :][:tenth]), median(memory[-tenth:])
    sys.stdout.write(
        f"{dict(done)}; good answers: median {median(took_ms):.1f} ms, "
        f"p95 {took_ms[int(len(took_ms) * 0.95)]:.1f} ms, slowest {took_ms[-1]:.0f} ms\n"
        f"memory: first {memory[0]:.0f} MiB, half-way {middle:.0f}, at the end {last:.0f}, "
        f"at most {max(memory):.0f}\n"
        f"memory in tenths: {[round(memory[len(memory) * n // 10]) for n in range(10)]}\n"
    )
    return int(not is_alive or done["held"] < args.connections or last > middle * 1.1 + 10)


if __name__ == "__main__":
    raise SystemExit(main())
