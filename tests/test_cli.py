"""The command, run as people run it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import trustme

from trigdash import __version__
from trigdash.cli import _run_first, main, whole_parser
from trigdash.commands.demo import DemoServer, demo_settings
from trigdash.config.options import ConfigError, Destination
from trigdash.config.resolve import Flags

PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
HEAVY = ("textual", "rich", "httpx", "pydantic", "starlette", "uvicorn", "asyncio")


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment without settings; this process gets it too."""
    for name in [name for name in os.environ if name.startswith(("TRIGGER_", "TRIGDASH_"))]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("TRIGDASH_CONFIG", str(tmp_path / "config.toml"))
    return dict(os.environ)


@pytest.fixture
def simulator(environ: dict[str, str]) -> Iterator[DemoServer]:
    server = DemoServer(["--runs", "60"], environ)
    yield server
    server.close()


def point_at(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = server.profile()
    assert profile.api_url is not None
    assert profile.secret is not None
    monkeypatch.setenv("TRIGGER_API_URL", profile.api_url)
    monkeypatch.setenv("TRIGGER_SECRET_KEY", profile.secret.find({}).reveal())


@pytest.mark.parametrize("option", ["--help", "--version", "profiles"])
def test_a_quick_answer_imports_nothing_heavy(option: str, environ: dict[str, str]) -> None:
    code = (
        "import sys, contextlib\n"
        "from trigdash.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        f"    main([{option!r}])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=True
    )
    assert done.stderr.strip() == "[]"
    assert done.stdout


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"trigdash {__version__}\n"


def test_the_help_names_every_command_and_no_way_to_pass_a_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for command in ("demo", "simulate", "profiles", "doctor", "config"):
        assert command in text
    assert "--secret" not in text
    assert "--key" not in text


def test_without_a_key_the_command_says_what_to_do(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 2
    assert main(["doctor"]) == 2
    assert "TRIGGER_SECRET_KEY" in capsys.readouterr().err


def test_a_share_out_of_range_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--rate-share", "1.5", "profiles"])
    assert left.value.code == 2
    assert "above 0" in capsys.readouterr().err


def test_without_a_terminal_the_dashboard_does_not_wait_for_keys(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    assert main([]) == 2
    assert main(["demo"]) == 2
    assert capsys.readouterr().err.count("needs a terminal") == 2


@pytest.mark.parametrize(
    "words",
    [
        "run_a1",
        "--run run_a1",
        "--run=run_a1",
        "--env stg --run run_a1",
        "--run run_a1 --env stg",
        "--env stg run_a1",
        "--read-only https://trigger.example.com/orgs/acme/runs/run_a1?tab=1",
    ],
)
def test_a_run_is_opened_however_it_is_named(words: str) -> None:
    assert whole_parser().parse_args(_run_first(words.split())).run == "run_a1"


@pytest.mark.parametrize("command", ["demo", "simulate"])
@pytest.mark.parametrize("option", ["--speed=-1", "--speed=0", "--speed=nan", "--runs=-5"])
def test_a_world_of_nonsense_is_refused(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, option])
    assert left.value.code == 2
    assert "number" in capsys.readouterr().err


def test_flags_hold_before_and_after_the_command(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--api-url", "https://a.test", "profiles", "--env", "prod"]) == 0
    text = capsys.readouterr().out
    assert "https://a.test" in text
    assert "prod" in text


def test_the_settings_are_found_and_checked(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(environ["TRIGDASH_CONFIG"])
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert main(["config", "check"]) == 0
    path.write_text("rate_shar = 0.1\n")
    assert main(["config", "check"]) == 2
    assert f"{path}:1: unknown setting 'rate_shar'" in capsys.readouterr().err


def test_the_doctor_finds_a_healthy_server_healthy(
    simulator: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(simulator, monkeypatch)
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    for subject in ("reach", "key", "runs", "API version", "rate limit", "queues", "batches"):
        assert f"ok      {subject}" in text
    assert "production" in text
    assert os.environ["TRIGGER_SECRET_KEY"] not in text


def test_a_command_names_what_sets_a_refused_key_or_an_address_that_does_not_answer(
    simulator: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(simulator, monkeypatch)
    address = os.environ["TRIGGER_API_URL"]
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    assert main(["queues", "list"]) == 4
    told = capsys.readouterr().err
    assert told.endswith("does not accept this key (401); it comes from TRIGGER_SECRET_KEY\n")
    simulator.close()
    assert main(["queues", "list"]) == 5
    told = capsys.readouterr().err
    assert "cannot reach the server" in told
    assert told.endswith(f"; TRIGGER_API_URL is {address}\n")


def test_the_doctor_tells_a_wrong_key_and_a_dead_server_apart(
    simulator: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_at(simulator, monkeypatch)
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    assert main(["doctor"]) == 1
    assert "does not accept this key" in capsys.readouterr().out
    simulator.close()
    assert main(["doctor"]) == 1
    assert "cannot reach the server" in capsys.readouterr().out
    monkeypatch.setenv("TRIGGER_API_URL", "http://example.test")
    assert main(["doctor"]) == 2
    assert "unencrypted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HTTPS_PROXY", "foo://me:pw@bar", "HTTPS_PROXY cannot be used: foo://bar is no proxy"),
        ("ALL_PROXY", "socks4://bar:1", "ALL_PROXY cannot be used: socks4://bar:1 is no proxy"),
        ("https_proxy", "http://proxy:notaport", "https_proxy cannot be used: http://proxy:notap"),
        ("SSL_CERT_FILE", "/nowhere.pem", "SSL_CERT_FILE cannot be used: /nowhere.pem does not"),
        ("SSL_CERT_DIR", "/nowhere", "SSL_CERT_DIR cannot be used: /nowhere does not exist"),
        ("SSLKEYLOGFILE", "/nowhere/keys", "SSLKEYLOGFILE cannot be used: /nowhere/keys does not"),
        ("TRIGGER_API_URL", "https://exa\rmple.test", "TRIGGER_API_URL (https://exa ⏎ mple.test)"),
        ("TRIGGER_API_URL", "https://a..b", "TRIGGER_API_URL (https://a..b) cannot be used"),
    ],
)
def test_a_setting_of_the_machine_that_cannot_be_used_is_one_sentence(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    words: str,
) -> None:
    for name in (*PROXIES, "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    monkeypatch.setenv("TRIGGER_API_URL", "https://trigger.example.invalid")
    monkeypatch.setenv(variable, value)
    for command in (["doctor"], ["schedules", "list"]):
        assert main(command) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"trigdash: {words}")
        assert told.count("\n") == 1
        assert ":pw@" not in told


def test_the_doctor_names_the_proxy_and_the_certificates_in_use(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pw@127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    monkeypatch.setenv("TRIGGER_API_URL", "https://trigger.example.invalid")
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "ok      proxy         http://127.0.0.1:9 (HTTPS_PROXY)" in text
    assert f"ok      certificates  SSL_CERT_FILE: {authority}" in text
    assert "no connection to the proxy http://127.0.0.1:9: refused" in text
    assert "me:pw" not in text


@pytest.mark.parametrize("around", ["{}\r", "{}\n", " {}"])
def test_what_stands_around_the_address_does_not_matter(
    simulator: DemoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    around: str,
) -> None:
    point_at(simulator, monkeypatch)
    monkeypatch.setenv("TRIGGER_API_URL", around.format(os.environ["TRIGGER_API_URL"]))
    assert main(["doctor"]) == 0
    assert "all that is needed works" in capsys.readouterr().out


def test_the_dashboard_does_not_start_on_an_address_that_no_key_may_be_sent_to(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
    monkeypatch.setenv("TRIGGER_API_URL", "http://example.test")
    assert main([]) == 2
    assert "plain http to example.test" in capsys.readouterr().err


def test_the_demo_knows_of_no_real_key(simulator: DemoServer, environ: dict[str, str]) -> None:
    real = environ | {"TRIGGER_SECRET_KEY": "tr_prod_real", "TRIGGER_API_URL": "https://real.test"}
    flags = Flags(profile="real", api_url="https://real.test", theme="light")
    before = demo_settings(flags, real, simulator.expected_profile).ui()
    target = demo_settings(flags, real, simulator.profile()).target()
    assert (before.profile, before.environment, before.theme) == ("demo", "prod", "light")
    assert target.api_url.startswith("http://127.0.0.1:")
    assert target.secret_key is not None
    assert "real" not in target.secret_key.reveal()
    other = demo_settings(flags, real, simulator.profile()).target(Destination(environment="stg"))
    assert (other.secret_key, other.environment) == (None, "stg")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at Linux's processes")
def test_the_demos_simulator_ends_even_when_we_are_killed(environ: dict[str, str]) -> None:
    code = (
        "import os, signal\n"
        "from trigdash.commands.demo import DemoServer\n"
        "server = DemoServer(['--runs', '20'], os.environ)\n"
        "server.profile()\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # The simulator inherits the pipe of standard error: it reads to its end when both are gone.
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    assert ended(pid)


def ended(pid: int, tries: int = 200) -> bool:
    """Whether a process that is no child of ours ends within ten seconds."""
    for _ in range(tries):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        subprocess.run([sys.executable, "-c", ""], check=True)
    return False


def test_a_simulator_that_does_not_start_is_reported(environ: dict[str, str]) -> None:
    server = DemoServer(["--scenario", "nonsense"], environ)
    with pytest.raises(ConfigError, match=r"did not start.*nonsense"):
        server.profile()
    server.close()


def test_simulate_hands_over_to_the_simulator(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["simulate", "--help"])
    assert left.value.code == 0
    assert "--trace-store" in capsys.readouterr().out


def test_the_simulators_line_is_what_the_demo_reads(environ: dict[str, str]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "trigdash", "simulate", "--until-stdin-closes", "--runs", "20"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
    )
    assert child.stdout is not None
    said = json.loads(child.stdout.readline())
    child.communicate(timeout=30)
    assert {"url", "secret_key", "access_token", "project", "env"} <= said.keys()
    assert child.returncode == 0


@pytest.mark.parametrize("backend", ["workflow", "recoup"])
def test_the_doctor_knows_what_another_system_does_without(
    backend: str,
    environ: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = DemoServer(["--runs", "60"], environ, backend)
    profile = server.profile()
    assert profile.secret is not None
    path = Path(environ["TRIGDASH_CONFIG"])
    path.write_text(
        f'[profiles.other]\nbackend = "{backend}"\napi_url = "{profile.api_url}"\n'
        f'secret_key = "{profile.secret.find({}).reveal()}"\n'
    )
    path.chmod(0o600)
    code = main(["doctor"])
    server.close()
    text = capsys.readouterr().out
    assert code == 0, text
    assert "--      queues" in text
    assert "API version" not in text


class SomeOtherServer(BaseHTTPRequestHandler):
    """Answers everything with the page of a website."""

    def do_GET(self) -> None:
        body = b"<html>welcome</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def test_the_doctor_takes_a_website_for_no_fault_of_the_key(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SomeOtherServer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("TRIGGER_API_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("TRIGGER_SECRET_KEY", "tr_prod_nobodyhasthisone00000000")
        assert main(["doctor"]) == 2
        server.shutdown()
    text = capsys.readouterr().out
    assert "FAILED  answer" in text
    assert text.count("is this the address of the API?") == 1
    assert "FAILED  key" not in text
