"""Recoup's list of runs over the same world, at its own address."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from trigdash.simulator.http.state import ServerState
from trigdash.simulator.http.views import run_detail
from trigdash.simulator.world.ids import letters, mix
from trigdash.simulator.world.index import RunFilter


class Recoup:
    """`GET /api/tasks/runs`: the newest runs, or one. The description names no auth header; this
    server takes its key as a bearer token."""

    def __init__(self, state: ServerState):
        self.state = state
        self.key = f"rk_{letters(mix(state.world.seed, 32), 32).lower()}"

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/api/tasks/runs", self._runs)])

    async def _runs(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"status": "error", "error": "Unauthorized"}, 401)
        self.state.catch_up()
        world = self.state.world
        query = request.query_params
        origin = str(request.base_url).rstrip("/")
        if run_id := query.get("runId"):
            found = world.env.runs.by_id.get(run_id)
            runs = [found] if found else []
            bodies = [run_detail(run, True, world.now_ms, origin) for run in runs]
            return JSONResponse({"status": "success", "runs": bodies})
        limit = query.get("limit", "20")
        if not limit.isdecimal() or len(limit) > 3 or not 1 <= int(limit) <= 100:
            return JSONResponse({"status": "error", "error": "limit must be 1 to 100"}, 400)
        wanted = RunFilter()
        if account := query.get("account_id"):
            wanted.tags = frozenset({f"account:{account}"})
        page = world.env.runs.page(wanted, int(limit), None, None)
        bodies = [run_detail(run, True, world.now_ms, origin) for run in page.runs]
        for body in bodies:
            # Lists are described as lacking these two.
            body.pop("output", None)
            body.pop("error", None)
        return JSONResponse({"status": "success", "runs": bodies})
