"""An app that is none: dialogs are answered by a script, so that questions need no screen."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, cast

from typing_extensions import override

from trigdash.model.capability import Capability
from trigdash.model.run_filter import ANY
from trigdash.service.connection import Connection
from trigdash.ui.actions.prompt_context import PromptContext
from trigdash.ui.app import TrigdashApp
from trigdash.ui.dialogs.dialog import Dialog

Answer = Any
"""What a dialog is answered with, or a callable that is given the dialog and tells it, at once or
when it is awaited."""


class StubApp:
    """What the way from a key to an action needs of the app. Keeps dialogs, words, and what was
    opened."""

    def __init__(self, connection: Connection, *answers: Answer, production: bool = False) -> None:
        self.session = SimpleNamespace(
            connection=connection,
            clock=connection.clock,
            environment_slug="dev",
            is_production=production,
            settings=SimpleNamespace(supported_filters=ANY, keys={}),
            disabled_reason=self._missing,
        )
        self.size = SimpleNamespace(height=40)
        self.screen: object = None
        self.answers = deque(answers)
        self.dialogs: list[Dialog[Any]] = []
        self.said: list[str] = []
        self.opened: list[tuple[str, str]] = []
        self.workers: list[asyncio.Task[Any]] = []

    def _missing(self, needs: Capability) -> str:
        """The real session's words, for the connection that is open."""
        connection = self.session.connection
        return "" if needs in connection.capabilities else connection.disabled_reason(needs)

    def toast(self, words: str, severity: str = "information") -> None:
        self.said.append(words if severity == "information" else f"{severity}: {words}")

    def notify(self, words: str, *, severity: str = "information", **_: object) -> None:
        self.toast(words, severity)

    async def push_screen_wait(self, dialog: Dialog[Any]) -> Any:
        self.dialogs.append(dialog)
        assert self.answers, f"an unforeseen question: {type(dialog).__name__}"
        answer = self.answers.popleft()
        given = answer(dialog) if callable(answer) else answer
        return await given if isawaitable(given) else given

    def run_worker(self, work: Coroutine[Any, Any, Any], **_: object) -> asyncio.Task[Any]:
        self.workers.append(asyncio.create_task(work))
        return self.workers[-1]

    def hold_keys_for(self, _worker: object) -> None:
        pass

    def live_screens(self) -> tuple[()]:
        return ()

    def open_detail(self, kind: str, thing_id: str) -> None:
        self.opened.append((kind, thing_id))

    def call_after_refresh(self, act: Callable[..., None], *given: object) -> None:
        act(*given)


class ScriptedDesk(PromptContext):
    """A desk in such an app."""

    def __init__(
        self,
        connection: Connection,
        *answers: Answer,
        production: bool = False,
        opened_by: str | None = None,
    ) -> None:
        self.stub = StubApp(connection, *answers, production=production)
        super().__init__(cast("TrigdashApp", self.stub), connection, opened_by)
        self.session = self.stub.session
        self.answers = self.stub.answers
        self.dialogs = self.stub.dialogs
        self.said = self.stub.said
        self.workers = self.stub.workers
        self.unmarked: set[str] = set()

    @override
    def unmark(self, run_ids: Collection[str]) -> None:
        self.unmarked |= set(run_ids)


def words_of(dialog: Dialog[Any]) -> str:
    """What a dialog says above its answers."""
    lines = dialog._lines  # type: ignore[attr-defined]
    return "\n".join("".join(piece for piece, _ in line) for line in lines)
