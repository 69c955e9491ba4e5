"""Incoming webhooks and their deliveries."""

from trigdash.backends.base import Capability
from trigdash.backends.operation import Effect, Operation, cursor_page
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.webhook import Delivery, WebhookEndpoint

_ENDPOINTS = ("v1", "webhooks", "endpoints")
_DELIVERIES = ("v1", "webhooks", "deliveries")
list_endpoints = listed(Capability.WEBHOOKS, _ENDPOINTS, WebhookEndpoint)
get_endpoint = got(Capability.WEBHOOKS, _ENDPOINTS, WebhookEndpoint)
list_deliveries = listed(Capability.WEBHOOKS, _DELIVERIES, Delivery, cursor_page)
get_delivery = got(Capability.WEBHOOKS, _DELIVERIES, Delivery)


def enable_endpoint(endpoint_id: str, enabled: bool) -> Operation[None]:
    """Let an endpoint take deliveries, or refuse them."""
    step = "enable" if enabled else "disable"
    return sent(Capability.WEBHOOK_WRITES, (*_ENDPOINTS, endpoint_id, step))


def replay_delivery(delivery_id: str) -> Operation[None]:
    """Deliver again: a new delivery, and new runs. Never sent twice."""
    path = (*_DELIVERIES, delivery_id, "replay")
    return sent(Capability.WEBHOOK_WRITES, path, effect=Effect.ONCE)
