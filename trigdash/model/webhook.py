"""Incoming webhooks: endpoints, and what was delivered to them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import model_validator

from trigdash.model.wire import Flag, Line, Moment, NullIsEmpty, Wire


class WebhookEndpoint(Wire):
    """One endpoint. 4.5 calls its declared id `webhook`."""

    id: Line
    declared_id: Line = ""
    source: Line = ""
    status: Line = ""
    """`active`, `inactive`, `deleting`."""
    secret_set: Flag = False
    url: Line = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, value: Any) -> Any:
        if isinstance(value, dict) and "webhook" in value:
            return {"declaredId": value["webhook"], **value}
        return value


class DeliveryEndpoint(Wire):
    """The endpoint of a delivery."""

    id: Line = ""
    declared_id: Line = ""


class DeliveryTarget(Wire):
    """What a delivery started or resumed."""

    id: Line = ""
    type: Line = ""
    status: Line = ""
    reason: Line | None = None
    error: Line | None = None
    run_id: Line | None = None


class Delivery(Wire):
    """One delivery. 4.5 has only the endpoint's name, and the run next to it."""

    id: Line
    endpoint: DeliveryEndpoint | None = None
    status: Line = ""
    """`pending`, `processing`, `succeeded`, `failed`, `filtered`, `unmatched`."""
    external_delivery_id: Line | None = None
    is_test: Flag = False
    created_at: Moment | None = None
    processed_at: Moment | None = None
    error: Line | None = None
    filter_reason: Line | None = None
    run_id: Line | None = None
    targets: Annotated[tuple[DeliveryTarget, ...], NullIsEmpty] = ()

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("webhook"), str):
            return {"endpoint": {"declaredId": value["webhook"]}, **value}
        return value
