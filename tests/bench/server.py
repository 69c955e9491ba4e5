"""A server as slight as can be, for measuring the client: `python -m tests.bench.server RUNS`.

It serves RUNS runs in pages of 100, about 75 KB each, as a list of the Trigger.dev API. The ten
newest are executing and change each second; nothing else does, and no run is born, so that both
sides of a comparison have the same to do. Its rate limit is out of reach.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

PAGE_SIZE = 100
CHANGING = 10
"""The newest runs change each second."""
APART_S = 6
"""Seconds between the births of two runs."""
_LIMIT = "".join(
    f"x-ratelimit-{name}: {value}\r\n"
    for name, value in (("limit", 10**7), ("remaining", 10**7), ("reset", 4 * 10**12))
)


def _when(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class Runs:
    """The runs and their pages."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._start_s = time.time()
        self._pages: dict[int, bytes] = {}

    def page(self, start: int) -> bytes:
        """The body of the page that begins at a run."""
        if start == 0:
            return self._make(0)
        return self._pages.setdefault(start, self._make(start))

    def made(self) -> Iterable[bytes]:
        """The bodies that are kept."""
        return self._pages.values()

    def _make(self, start: int) -> bytes:
        turn = int(time.time() - self._start_s)
        end = min(start + PAGE_SIZE, self._count)
        data = [self._run(index, turn if start == 0 else 0) for index in range(start, end)]
        pagination = {"next": str(end)} if end < self._count else {}
        return json.dumps({"data": data, "pagination": pagination}).encode()

    def _run(self, index: int, turn: int) -> dict[str, object]:
        """A run as it is in a second."""
        is_running = index < CHANGING
        changes = turn if is_running else 0
        created_s = self._start_s - index * APART_S
        done = not is_running
        return {
            "id": f"run_c{index:024x}",
            "status": "EXECUTING" if is_running else "COMPLETED",
            "taskIdentifier": ("send-email", "sync-crm", "generate-report")[index % 3],
            "idempotencyKey": f"order-{index:08}-{'0' * 60}",
            "version": "20261121.3",
            "createdAt": _when(created_s),
            "updatedAt": _when((self._start_s if is_running else created_s + 1) + changes),
            "startedAt": _when(created_s + 0.4),
            **({"finishedAt": _when(created_s + 1)} if done else {}),
            "isTest": False,
            "env": {"id": "cmwqzm4hg0007xk7dd59w3ebn", "name": "prod"},
            "tags": [f"org_{index % 1000:03}", f"user_{index % 7919}"],
            "costInCents": 0.0125 + changes / 1000,
            "baseCostInCents": 0.0025,
            "durationMs": 642,
            "depth": 0,
            "taskKind": "STANDARD",
            "region": "us-east-1",
            "isQueued": False,
            "isExecuting": is_running,
            "isCompleted": done,
            "isFailed": False,
            "isSuccess": done,
            "isCancelled": False,
            "isWaiting": False,
        }


class Server:
    """Speaks as much HTTP/1.1 as our client needs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path != "/api/v1/runs":
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}"
        asked = parse_qs(parts.query)
        if "filter[status]" in asked:
            body = b'{"data": [], "pagination": {}}'
        else:
            body = self._runs.page(int(asked.get("page[after]", ["0"])[0]))
        head = f"HTTP/1.1 200 OK\r\n{_LIMIT}content-length: {len(body)}\r\n\r\n"
        return head.encode() + body


async def main() -> None:
    """Serve until ended; prints one line of JSON when ready."""
    server = await asyncio.start_server(Server(Runs(int(sys.argv[1]))).talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
