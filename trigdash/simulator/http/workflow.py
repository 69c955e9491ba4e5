"""The workflow Runs API over the same world, at its own address (the paths clash).

A run of the world is a workflow run here; the steps of its last attempt are the workflow's steps.
Written from the API's published description.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from trigdash.simulator.http.state import ServerState
from trigdash.simulator.world import actions, content
from trigdash.simulator.world.ids import letters, mix, span_id
from trigdash.simulator.world.index import RunFilter
from trigdash.simulator.world.runs import Run, Sent
from trigdash.simulator.world.texts import encode_cursor, iso, read_json
from trigdash.simulator.world.trace import Span, spans_of

_STATUSES = {
    "DELAYED": "pending",
    "PENDING_VERSION": "pending",
    "WAITING_FOR_DEPLOY": "pending",
    "PENDING": "pending",
    "DEQUEUED": "pending",
    "EXECUTING": "running",
    "RETRYING_AFTER_FAILURE": "running",
    "WAITING_TO_RESUME": "suspended",
    "PAUSED": "suspended",
    "COMPLETED_SUCCESSFULLY": "completed",
    "CANCELED": "cancelled",
    "TIMED_OUT": "timeout",
    "EXPIRED": "timeout",
}
"""Of the world's own statuses; all others are `failed`."""
_FAILED = frozenset({"COMPLETED_WITH_ERRORS", "CRASHED", "SYSTEM_FAILURE", "INTERRUPTED"})
_FILTERS = ("pending", "running", "completed", "failed", "cancelled")
_NAMES = UUID("6f2a3b56-7d0f-5b7e-9a51-1d1f6f0f8a11")
Json = dict[str, Any]


class Refused(Exception):
    """An error envelope with its HTTP status."""

    def __init__(self, http: int, code: str, message: str):
        super().__init__(code)
        self.http = http
        self.body = {"success": False, "error": {"code": code, "message": message}}


@dataclass(slots=True)
class _Origin:
    """Where a restarted run took over: earlier steps are kept, and its own start at one."""

    run: Run
    kept: list[Json]
    begin: str


class Workflow:
    """The API's answers over a state of the world."""

    def __init__(self, state: ServerState):
        self.state = state
        self.key = f"wk_{letters(mix(state.world.seed, 31), 32).lower()}"
        self._runs: dict[str, Run] = {}
        self._indexed = 0
        self._origins: dict[str, _Origin] = {}

    def app(self) -> Starlette:
        """The ASGI application."""
        one = "/api/v1/runs/{id}"
        return Starlette(
            routes=[
                Route("/api/v1/runs", self._list),
                Route(one, self._get),
                Route(f"{one}/logs", self._logs),
                Route(f"{one}/cancel", self._cancel, methods=["POST"]),
                Route(f"{one}/retry", self._retry, methods=["POST"]),
                Route(f"{one}/restart", self._restart, methods=["POST"]),
            ],
            exception_handlers={Refused: _refuse},
        )

    async def _list(self, request: Request) -> JSONResponse:
        self._let_in(request)
        query = request.query_params
        size = _limit(query.get("limit"))
        wanted = RunFilter()
        if workflow := query.get("workflowId"):
            tasks = (task for task in self.state.world.env.tasks if _workflow_id(task) == workflow)
            wanted.tasks = frozenset(tasks) or frozenset({""})
        if status := query.get("status"):
            wanted.statuses = _internal(status)
        page = self.state.world.env.runs.page(wanted, size, _cursor_in(query.get("cursor")), None)
        more = page.next is not None
        cursor = _cursor_out(page.runs[-1]) if more and page.runs else None
        data = [self._summary(run) for run in page.runs]
        return _success(data, meta={"cursor": cursor, "hasMore": more})

    async def _get(self, request: Request) -> JSONResponse:
        return _success(self._detail(self._run(request)))

    async def _logs(self, request: Request) -> JSONResponse:
        run = self._run(request)
        summary = self._summary(run)
        kept = ("status", "startedAt", "completedAt", "durationMs", "error", "workflowId")
        logs = [{"error": None} | step for step in self._steps(run)]
        body = {name: summary[name] for name in kept}
        return _success(body | {"runId": summary["id"], "logs": logs})

    async def _cancel(self, request: Request) -> JSONResponse:
        run = self._run(request)
        if _status(run) not in {"pending", "running", "suspended"}:
            raise Refused(400, "INVALID_STATE", "Can only cancel running or pending runs")
        self.state.world.engine.cancel(run)
        words = "Run cancellation requested"
        return _success({"id": _public_id(run), "status": "cancelled", "message": words})

    async def _retry(self, request: Request) -> JSONResponse:
        run = self._run(request)
        if _status(run) not in {"failed", "timeout"}:
            raise Refused(400, "INVALID_STATE", "Can only retry failed runs")
        steps = self._steps(run)
        failed = next((step["stepId"] for step in steps if step["status"] == "error"), None)
        begin = failed or (steps[0]["stepId"] if steps else "")
        return self._again(run, begin, None)

    async def _restart(self, request: Request) -> JSONResponse:
        run = self._run(request)
        try:
            body = read_json(await request.body())
        except ValueError:
            raise Refused(400, "INVALID_REQUEST", "Invalid JSON") from None
        begin = body.get("fromStepId") if isinstance(body, dict) else None
        if not isinstance(begin, str):
            raise Refused(400, "INVALID_REQUEST", "fromStepId is required")
        if _status(run) not in {"completed", "failed", "timeout"}:
            raise Refused(400, "INVALID_STATE", "Can only restart failed or completed runs")
        if begin not in {step["stepId"] for step in self._steps(run)}:
            raise Refused(400, "INVALID_STEP", f"Step not found: {begin}")
        return self._again(run, begin, body.get("overrideInput"))

    def _again(self, run: Run, begin: str, overrides: object) -> JSONResponse:
        world = self.state.world
        new = actions.replay(world, run)
        if isinstance(overrides, dict):
            held = _input(new)
            merged = (held if isinstance(held, dict) else {}) | overrides
            new.payload = Sent(actions.to_json(merged))
        steps = self._steps(run)
        names = [step["stepId"] for step in steps]
        kept = steps[: names.index(begin)] if begin in names else []
        self._origins[new.id] = _Origin(run, kept, begin)
        body = {
            "originalRunId": _public_id(run),
            "newRunId": _public_id(new),
            "workflowId": _workflow_id(new.task_id),
            "restartFromStepId": begin,
            "status": "pending",
            "createdAt": iso(new.created_ms),
        }
        return _success(body, status=202)

    def _let_in(self, request: Request) -> None:
        if request.headers.get("x-api-key") != self.key:
            raise Refused(401, "UNAUTHORIZED", "Invalid API key")
        self.state.catch_up()

    def _run(self, request: Request) -> Run:
        self._let_in(request)
        runs = self.state.world.env.runs.all
        for run in runs[max(0, self._indexed - 50) :]:
            self._runs[_public_id(run)] = run
        self._indexed = len(runs)
        found = self._runs.get(request.path_params["id"])
        if found is None:
            raise Refused(404, "NOT_FOUND", "Run not found")
        return found

    def _summary(self, run: Run) -> Json:
        end_ms = (run.finished_ms or run.updated_ms) if run.is_final else None
        error = content.error(run) if _status(run) in {"failed", "timeout"} else None
        begin_ms = run.started_ms
        origin = self._origins.get(run.id)
        link = {} if origin is None else {"restartedFromRunId": _public_id(origin.run)}
        return {
            "id": _public_id(run),
            "workflowId": _workflow_id(run.task_id),
            "status": _status(run),
            "triggerType": "schedule" if run.schedule else "api",
            "startedAt": None if begin_ms is None else iso(begin_ms),
            "completedAt": None if end_ms is None else iso(end_ms),
            "durationMs": None if end_ms is None or begin_ms is None else end_ms - begin_ms,
            "error": error and {"code": "STEP_ERROR", "message": error["message"]},
            "createdAt": iso(run.created_ms),
            **link,
        }

    def _detail(self, run: Run) -> Json:
        output = content.output(run)
        return self._summary(run) | {
            "input": _input(run),
            "output": None if output is content.ABSENT else output,
            "stepResults": self._steps(run),
        }

    def _steps(self, run: Run) -> list[Json]:
        """The top steps of the last attempt that have ended, and what was kept before them."""
        inner = span_id(run.seed, run.attempt, 1001)
        spans = [
            span
            for span in spans_of(run, self.state.world.now_ms)
            if span.parent_id == inner and not span.is_log and span.end_ms is not None
        ]
        steps = [_step(span, run.attempt) for span in spans]
        origin = self._origins.get(run.id)
        if origin is None:
            return steps
        names = [step["stepId"] for step in steps]
        own = steps[names.index(origin.begin) :] if origin.begin in names else []
        return [*origin.kept, *own]


def _step(span: Span, attempt: int) -> Json:
    end_ms = span.end_ms or span.start_ms
    step: Json = {
        "stepId": _slug(span.message),
        "status": "error" if span.is_error else "skipped" if span.is_canceled else "success",
        "startedAt": iso(span.start_ms),
        "completedAt": iso(end_ms),
        "durationMs": end_ms - span.start_ms,
        "input": span.properties,
        "output": None if span.is_error else {"ok": True},
        "attempt": attempt,
    }
    if span.is_error:
        told = span.events[0]["properties"]["exception"] if span.events else {}
        step["error"] = {"code": "STEP_ERROR", "message": told.get("message", "unknown")}
    return step


def _slug(text: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    return "-".join(words)


def _workflow_id(task_id: str) -> str:
    return f"wf_{task_id.replace('-', '_')}"


def _public_id(run: Run) -> str:
    return f"run_{uuid5(_NAMES, run.id)}"


def _input(run: Run) -> object:
    payload = content.payload(run)
    return {} if payload is content.ABSENT else payload


def _status(run: Run) -> str:
    return _STATUSES.get(run.status, "failed")


def _internal(status: str) -> frozenset[str]:
    if status not in _FILTERS:
        raise Refused(400, "INVALID_REQUEST", f"Invalid status: {status}")
    if status == "failed":
        return _FAILED
    return frozenset(name for name, word in _STATUSES.items() if word == status)


def _limit(text: str | None) -> int:
    if text is None:
        return 50
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= 100:
        raise Refused(400, "INVALID_REQUEST", "limit must be between 1 and 100")
    return int(text)


def _cursor_out(run: Run) -> str:
    return base64.b64encode(json.dumps({"ts": run.created_ms, "id": run.id}).encode()).decode()


def _cursor_in(text: str | None) -> str | None:
    """The world's own cursor behind one of this API's."""
    if not text:
        return None
    try:
        place = read_json(base64.b64decode(text))
        inner = {"c": int(place["ts"]), "r": str(place["id"]).removeprefix("run_")}
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "INVALID_REQUEST", "Invalid cursor") from None
    return encode_cursor(inner)


def _success(data: object, *, status: int = 200, **more: object) -> JSONResponse:
    return JSONResponse({"success": True, "data": data, **more}, status)


async def _refuse(_: Request, refused: Exception) -> JSONResponse:
    assert isinstance(refused, Refused)
    return JSONResponse(refused.body, refused.http)
