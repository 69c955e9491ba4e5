"""A desk whose dialogs are answered by a script: questions are tried without a terminal."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Coroutine
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, cast

from typing_extensions import override

from trigdash.model.run_filter import ANY
from trigdash.service.connection import Connection
from trigdash.ui.app import TrigdashApp
from trigdash.ui.dialogs.dialog import Dialog
from trigdash.ui.dialogs.place import Place
from trigdash.ui.writing.desk import Desk

Answer = Any
"""What a dialog is answered with, or a callable that is given the dialog and tells it, at once or
when it is awaited."""


class ScriptedDesk(Desk):
    """Answers each dialog with the next of its answers, and keeps dialogs and words."""

    def __init__(
        self,
        connection: Connection,
        *answers: Answer,
        production: bool = False,
        opened_by: str | None = None,
    ) -> None:
        self.session = SimpleNamespace(
            connection=connection, settings=SimpleNamespace(narrowing=ANY)
        )
        self.workers: list[asyncio.Task[Any]] = []
        app = SimpleNamespace(
            say=self._hear,
            size=SimpleNamespace(height=40),
            session=self.session,
            screen=None,
            run_worker=self._run,
        )
        super().__init__(cast("TrigdashApp", app), connection, opened_by)
        self.answers = deque(answers)
        self.dialogs: list[Dialog[Any]] = []
        self.said: list[str] = []
        self.unmarked: set[str] = set()
        self._production = production

    def _hear(self, words: str, severity: str = "information") -> None:
        self.said.append(words if severity == "information" else f"{severity}: {words}")

    def _run(self, work: Coroutine[Any, Any, Any], **_: object) -> None:
        self.workers.append(asyncio.create_task(work))

    @override
    def unmark(self, run_ids: Collection[str]) -> None:
        self.unmarked |= set(run_ids)

    @property
    @override
    def place(self) -> Place:
        return Place("dev", self._production)

    @override
    async def ask(self, dialog: Dialog[Any]) -> Any:
        self.dialogs.append(dialog)
        assert self.answers, f"an unforeseen question: {type(dialog).__name__}"
        answer = self.answers.popleft()
        given = answer(dialog) if callable(answer) else answer
        return await given if isawaitable(given) else given


def words_of(dialog: Dialog[Any]) -> str:
    """What a dialog says above its answers."""
    lines = dialog._lines  # type: ignore[attr-defined]
    return "\n".join("".join(piece for piece, _ in line) for line in lines)
