"""Nouns that the simulated project has none of; asking is answered as where there are none."""

from trigdash.simulator.routing import Call, Route


def _none(call: Call) -> object:
    return {"data": []}


def _no_pages(call: Call) -> object:
    return {"data": [], "pagination": {}}


ROUTES = [
    Route("GET", "/api/v1/prompts", _none, cors=True),
    Route("GET", "/api/v1/webhooks/endpoints", _none, cors=True),
    Route("GET", "/api/v1/webhooks/deliveries", _no_pages, cors=True),
]
