"""A trial of a new profile that asks no server."""

from collections.abc import AsyncIterator

from trigdash.config.login import Answers
from trigdash.config.options import ConfigError


class FakeTrial:
    """Takes keys that begin as they should; saves unless told that it cannot."""

    name = "prod"

    def __init__(self, answers: Answers, *, full: bool = False) -> None:
        self.holds = answers.key.startswith("tr_")
        self._full = full

    async def findings(self) -> AsyncIterator[tuple[str, str]]:
        yield ("ok", "key: accepted") if self.holds else ("FAILED", "no key [/b] begins so")

    def save(self) -> str:
        if self._full:
            raise ConfigError("the disk is full")
        return "saved as profile prod in config.toml"
