"""`trigdash login`, and the first screen when nothing is configured: check a key, then save it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trigdash.backends import open_backend
from trigdash.backends.base import BackendError
from trigdash.backends.target import CLOUD_URL, Secret, Target
from trigdash.clock import Clock, SystemClock
from trigdash.commands.doctor import Verdict, examine
from trigdash.config.login import Answers, NewProfile, read_answers, save_profile
from trigdash.config.options import ConfigError
from trigdash.config.terminal import print_line, print_problem

if TYPE_CHECKING:
    from argparse import Namespace

    from trigdash.backends.base import Backend
    from trigdash.config.resolve import Settings
    from trigdash.model.environment import Project
    from trigdash.ui.screens.connect import Way

MOST_PROJECTS = 5
"""Projects named in the message when a token sees several."""

REFUSED_KEY = (
    "; copy it again from the page API keys of this server's dashboard: keys are of one server and "
    "one environment, and end when they are regenerated"
)

Line = tuple[str, str]


@dataclass
class ProfileTrial:
    """Tries a new profile on the server. Satisfies `trigdash.config.login.Trial`."""

    answers: Answers
    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    holds: bool = False
    name: str = ""
    _profile: NewProfile | None = None

    async def findings(self) -> AsyncIterator[Line]:
        """Check address and key, and name missing endpoints."""
        try:
            self._profile = read_answers(self.answers, self.settings.file)
            if self._profile.key.is_access_token and not self._profile.project:
                self._profile = await self._with_project(self._profile)
                yield Verdict.OK.value, f"project: {self._profile.project}, the token's only one"
            backend = open_backend(self._target(self._profile), self.clock)
        except (ConfigError, BackendError) as problem:
            yield _failed(problem)
            return
        self.name = self._profile.name
        try:
            async for line in self._examine(backend, self._profile):
                yield line
        finally:
            await backend.aclose()

    async def _with_project(self, profile: NewProfile) -> NewProfile:
        backend = open_backend(self._target(profile), self.clock)
        try:
            projects = await backend.projects()
        finally:
            await backend.aclose()
        return replace(profile, project=_only_project(projects))

    async def _examine(self, backend: Backend, profile: NewProfile) -> AsyncIterator[Line]:
        """The checks of `doctor`. Once the first one passes, the profile works; the others may
        fail."""
        if profile.project and not profile.key.is_access_token:
            try:
                await _check_project(backend, profile)
            except (ConfigError, BackendError) as problem:
                yield _failed(problem)
                return
        async for finding in examine(self._target(profile), backend, self.clock):
            self.holds = self.holds or (finding.subject, finding.verdict) == ("reach", Verdict.OK)
            failed = finding.verdict is Verdict.FAILED
            mark = Verdict.MISSING if failed and self.holds else finding.verdict
            hint = REFUSED_KEY if failed and finding.subject == "key" else ""
            yield mark.value, f"{finding.subject}: {finding.words}{hint}"

    def _target(self, profile: NewProfile) -> Target:
        is_token = profile.key.is_access_token
        return Target(
            api_url=profile.address,
            secret_key=None if is_token else profile.key,
            access_token=profile.key if is_token else None,
            project=profile.project or None,
            environment="dev" if is_token else None,
            allow_http=profile.allow_http,
            address_origin="the address",
        )

    def save(self) -> str:
        """Save the profile, and return what was saved and where. Raises ConfigError."""
        if self._profile is None or not self.holds:
            raise ConfigError("nothing was saved: the key was not accepted")
        save_profile(self.settings.file.path, self._profile)
        kind = "token" if self._profile.key.is_access_token else "key"
        return (
            f"saved the address and the {kind} as profile {self.name} in "
            f"{self.settings.file.path}, which only you may read"
        )


def _failed(problem: ConfigError | BackendError) -> Line:
    words = problem.message() if isinstance(problem, BackendError) else str(problem)
    return Verdict.FAILED.value, words


def _only_project(projects: Sequence[Project]) -> str:
    """The `proj_…` that a token sees. Raises ConfigError for none or more."""
    if not projects:
        raise ConfigError("this token sees no project: create one in the dashboard first")
    if len(projects) > 1:
        listed = [f"{each.external_ref} ({each.name})" for each in projects[:MOST_PROJECTS]]
        more = ", …" if len(projects) > MOST_PROJECTS else ""
        raise ConfigError(f"this token sees several projects, name one: {', '.join(listed)}{more}")
    return projects[0].external_ref


async def _check_project(backend: Backend, profile: NewProfile) -> None:
    """Raises ConfigError when the key belongs to another project than the given one."""
    here = (await backend.identity()).project_ref
    if here and here != profile.project:
        raise ConfigError(
            f"this key belongs to the project {here}, not to {profile.project}: paste that "
            "project's key, or leave the project empty"
        )


# On the command line


async def login(args: Namespace, settings: Settings) -> int:
    """Ask for what is needed, check it, save it, and return the exit code. Without a terminal
    nothing is asked: the key is the first line of standard input."""
    trial = ProfileTrial(_asked(args, settings), settings)
    async for mark, words in trial.findings():
        print_line(f"{mark:<7} {words}")
    if not trial.holds:
        print_problem("nothing was saved")
        return 2
    print_line(trial.save())
    print_line(f"open the dashboard with: trigdash --profile {trial.name}")
    return 0


def _asked(args: Namespace, settings: Settings) -> Answers:
    start = start_answers(settings)
    address, name = args.api_url or "", args.name or ""
    if not sys.stdin.isatty():
        key = sys.stdin.readline()
    else:
        address = address or _line("address", start.address)
        key = getpass.getpass("key or token (not shown): ")
        name = name or _line("name", _suggested_name(key))
    return Answers(address or start.address, key, name, args.project or "", args.allow_http)


def _line(asked: str, usual: str) -> str:
    return input(f"{asked} [{usual}]: ").strip() or usual


def _suggested_name(key: str) -> str:
    return Secret(key).environment or "default"


def start_answers(settings: Settings) -> Answers:
    """The initial values of the form: the address and project that are already set."""
    found = settings.resolve()
    values = {name: str(found[name].value) for name in ("api_url", "project") if name in found}
    return Answers(values.get("api_url", CLOUD_URL), project=values.get("project", ""))


# On the first screen


def ask_the_way(settings: Settings, reason: str) -> Way:
    """Show the first screen until the user has chosen how to continue."""
    if settings.flags.color is False or settings.environ.get("NO_COLOR"):
        os.environ["NO_COLOR"] = "1"  # read by Textual when it is imported
    from trigdash.ui.connect_app import ConnectApp
    from trigdash.ui.screens.connect import ConnectScreen

    logins = tuple(
        f"{name} ({profile.api_url or CLOUD_URL})"
        for name, profile in settings.official.profiles.items()
    )
    screen = ConnectScreen(
        reason,
        logins[:1],
        start_answers(settings),
        lambda answers: ProfileTrial(answers, settings),
    )
    app = ConnectApp(screen, settings.ui())
    app.run()
    return app.way
