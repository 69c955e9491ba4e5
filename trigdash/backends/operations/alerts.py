"""Monitoring alerts: an access token and the organization's beta are needed."""

from trigdash.backends.base import Capability
from trigdash.backends.operation import ENVIRONMENT, PROJECT, Credential, Operation
from trigdash.backends.operations.shapes import got, listed, sent
from trigdash.model.alert import Alert

_PATH = ("v1", "projects", PROJECT, "monitoring-alerts")
list_alerts = listed(
    Capability.ALERTS,
    _PATH,
    Alert,
    rows_under="alerts",
    params=(("environment", ENVIRONMENT),),
    credential=Credential.PERSON,
    since="4.7",
)
get_alert = got(Capability.ALERTS, _PATH, Alert, under="alert", credential=Credential.PERSON)


def resolve_alert(alert_id: str) -> Operation[None]:
    """End an alert."""
    return sent(
        Capability.ALERT_WRITES,
        (*_PATH, alert_id),
        {"action": "resolve"},
        credential=Credential.PERSON,
    )
