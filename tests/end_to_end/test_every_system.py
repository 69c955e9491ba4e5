"""Every command against each system: it answers, or says in words why that system cannot."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.examples import ELSEWHERE, EXAMPLES, LISTED
from tests.end_to_end.in_process import InProcess
from tests.end_to_end.in_thread import served
from trigdash.cli import whole_parser
from trigdash.commands.exit_codes import ExitCode
from trigdash.commands.parser_tree import leaves

OFFLINE = {"profiles", "help", "completion", "complete", "cache", "locate", "config"}
COMMANDS = [
    name
    for name in (" ".join(words) for words, _ in leaves(whole_parser()))
    if name not in {*ELSEWHERE, *OFFLINE}
]
ENDS = {
    *(ExitCode.WELL, ExitCode.FAILED, ExitCode.MISUSED, ExitCode.NOT_FOUND),
    *(ExitCode.KEY_REFUSED, ExitCode.REFUSED),
}
"""Not among them: that a server cannot be reached, or that nobody knows what happened."""


@dataclass(frozen=True)
class System:
    """The command on a profile of one system, and a run that is there."""

    name: str
    trigdash: InProcess
    run: str
    file: Path

    def words(self, name: str) -> list[str]:
        """The first example of a command, about what this system has."""
        noun, _, verb = name.partition(" ")
        line = (EXAMPLES.get(name) or LISTED[verb])[0].replace("NOUN", noun).partition(" => ")[0]

        def known(found: re.Match[str]) -> str:
            what = found[1]
            return self.run if what in ("failed", "live", "delayed", "runs") else str(self.file)

        return ["--profile", self.name, *shlex.split(re.sub(r"\{(\w+)\}", known, line))]


@pytest.fixture(scope="module", params=["workflow", "recoup"])
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    home, name = tmp_path_factory.mktemp("home"), request.param
    file = home / "statement"
    file.write_text("SELECT status FROM runs LIMIT 3\n")
    with served(home) as world:
        host = world.host
        url, key = {
            "workflow": (host.workflow_url, host.workflow.key),
            "recoup": (host.recoup_url, host.recoup.key),
        }[name]
        settings = home / "config.toml"
        settings.write_text(
            f'[profiles.{name}]\nbackend = "{name}"\napi_url = "{url}"\nsecret_env = "ITS_KEY"\n'
        )
        settings.chmod(0o600)
        places = {"TRIGDASH_CONFIG": str(settings), "ITS_KEY": key, "BROWSER": "true"}
        kept = {k: v for k, v in world.trigdash.environ.items() if not k.startswith("TRIGGER_")}
        trigdash = InProcess(kept | places)
        listed = trigdash("--profile", name, "runs", "list", "-o", "name", "--limit", "1")
        assert listed.out, listed.err
        yield System(name, trigdash, listed.out.strip(), file)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_answers_or_says_why_it_cannot(system: System, name: str) -> None:
    done = system.trigdash(*system.words(name))
    told = f"{name}: {done.code}\n{done.out[:300]}\n{done.err[:600]}"
    assert "Traceback" not in done.err, told
    assert done.code in set(map(int, ENDS)), told
    # A log or a trace may be empty.
    if done.code != ExitCode.WELL:
        assert done.err.strip() or done.out.strip(), told
