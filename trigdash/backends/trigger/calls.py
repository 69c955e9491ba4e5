"""What is particular to the calls of Trigger.dev: the version of the API, branches, queue names."""

from __future__ import annotations

from trigdash.backends.http import Access
from trigdash.backends.rate import Governor
from trigdash.secret import Secret

API_VERSION = "2025-07-16"


def access(secret: Secret, governor: Governor, branch: str | None = None) -> Access:
    """A Trigger.dev credential, with the headers that every request carries."""
    headers = {"x-trigger-api-version": API_VERSION}
    if branch:
        headers["x-trigger-branch"] = branch
    return Access(secret, governor, headers=headers)


def queue_step(name: str) -> str:
    """A queue's name within a path: a slash is encoded twice, since the server decodes it after
    routing."""
    return name.replace("/", "%2F")
