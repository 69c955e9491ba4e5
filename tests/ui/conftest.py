"""A backend in memory, for what needs no screen; `tests/service/conftest.py` tells more."""

from tests.service.conftest import backend, clock, connection

__all__ = ["backend", "clock", "connection"]
