"""Settings: what beats what, what is refused, and that no secret shows."""

import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trigdash.backends.target import CLOUD_URL, Secret
from trigdash.commands.config_check import mistakes
from trigdash.commands.profiles import profile_lines
from trigdash.config.file import read_config
from trigdash.config.official_cli import official_folder
from trigdash.config.options import ConfigError, Destination
from trigdash.config.resolve import Flags, Settings, load_settings
from trigdash.config.secret_command import first_line
from trigdash.model.capability import Reach
from trigdash.model.run_filter import ANY

KEY = "tr_prod_TESTONLYA00000000000"
OTHER_KEY = "tr_dev_TESTONLYB00000000000"
TOKEN = "tr_pat_testonly0000000000000000000000000000000"


class Home:
    """A user's folder with settings files, and a way to start from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.environ = {
            "HOME": str(path),
            "XDG_CONFIG_HOME": str(path / ".config"),
            "TRIGDASH_CONFIG": str(self.config),
        }

    def write(self, text: str, mode: int = 0o600) -> None:
        self.config.write_text(text)
        self.config.chmod(mode)

    def log_in(self, **profiles: dict[str, str]) -> None:
        folder = self.path / ".config" / "trigger"
        folder.mkdir(parents=True)
        stored = {"version": 2, "currentProfile": "default", "profiles": profiles}
        (folder / "config.json").write_text(json.dumps(stored))

    def settings(self, flags: Flags | None = None, **environ: str) -> Settings:
        return load_settings(flags or Flags(), self.environ | environ)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_without_anything_the_way_to_a_key_is_told(home: Home) -> None:
    with pytest.raises(ConfigError, match=r"TRIGGER_SECRET_KEY.*trigdash demo"):
        home.settings().target()


def test_the_variables_of_the_official_tools_are_enough(home: Home) -> None:
    target = home.settings(
        TRIGGER_API_URL="http://127.0.0.1:3030",
        TRIGGER_SECRET_KEY=KEY,
        TRIGGER_PROJECT_REF="proj_a",
        TRIGGER_PREVIEW_BRANCH="feature/x",
    ).target()
    assert target.api_url == "http://127.0.0.1:3030"
    assert target.secret_key == Secret(KEY)
    assert target.project == "proj_a"
    assert target.branch == "feature/x"
    assert target.access_token is None


def test_flags_beat_the_environment_and_that_beats_files(home: Home) -> None:
    home.write(
        'profile = "mine"\n[profiles.mine]\napi_url = "https://file.test"\nbranch = "file"\n'
        'environment = "staging"\nproject = "proj_file"\nsecret_env = "MY_KEY"\n'
    )
    environ = {"MY_KEY": OTHER_KEY, "TRIGGER_SECRET_KEY": KEY, "TRIGGER_PROJECT_REF": "proj_env"}
    settings = home.settings(Flags(api_url="https://flag.test", environment="prod"), **environ)
    target = settings.target()
    assert target.api_url == "https://flag.test"
    assert target.secret_key == Secret(KEY)
    assert (target.project, target.branch, target.environment) == ("proj_env", "file", "prod")


def test_a_profile_that_is_named_beats_the_environment(home: Home) -> None:
    home.write('[profiles.a]\nsecret_env = "A"\n[profiles.b]\napi_url = "https://b.test"\n'
               'secret_env = "B"\n')  # fmt: skip
    environ = {"A": KEY, "B": OTHER_KEY, "TRIGGER_SECRET_KEY": KEY, "TRIGGER_API_URL": "https://e"}
    assert home.settings(Flags(profile="b"), **environ).target().secret_key == Secret(OTHER_KEY)
    switched = home.settings(**environ).target(Destination(profile="b"))
    assert switched.secret_key == Secret(OTHER_KEY)
    assert switched.api_url == "https://b.test"


def test_a_login_of_the_official_tool_is_found(home: Home) -> None:
    home.log_in(
        default={"accessToken": TOKEN, "apiUrl": "https://self.test"},
        gone={"apiUrl": "https://logged.out"},
    )
    settings = home.settings(TRIGGER_PROJECT_REF="proj_a")
    assert settings.ui().profile_names == ("default",)
    target = settings.target()
    assert target.access_token == Secret(TOKEN)
    assert target.secret_key is None
    assert (target.api_url, target.environment) == ("https://self.test", "dev")


def test_credentials_of_two_places_are_never_mixed(home: Home) -> None:
    home.log_in(default={"accessToken": TOKEN, "apiUrl": "https://self.test"})
    target = home.settings(TRIGGER_SECRET_KEY=KEY).target()
    assert target.access_token is None


def test_an_older_login_file_is_read_too(home: Home) -> None:
    folder = home.path / ".config" / "trigger"
    folder.mkdir(parents=True)
    (folder / "default.json").write_text(json.dumps({"default": {"accessToken": TOKEN}}))
    assert home.settings().target().access_token == Secret(TOKEN)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"profiles": 3}', '{"profiles": {"a": 1}}'])
def test_a_broken_file_of_another_program_does_not_stop_us(home: Home, text: str) -> None:
    folder = home.path / ".config" / "trigger"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(text)
    assert home.settings(TRIGGER_SECRET_KEY=KEY).target().secret_key == Secret(KEY)


@pytest.mark.parametrize(
    ("platform", "ending"),
    [
        ("linux", ".config/trigger"),
        ("darwin", "Library/Preferences/trigger"),
        ("win32", "Roaming/xdg.config/trigger"),
    ],
)
def test_the_official_tools_folder_on_each_system(platform: str, ending: str) -> None:
    environ = {"HOME": "/home/me", "APPDATA": "/home/me/AppData/Roaming"}
    assert official_folder(environ, platform).as_posix().endswith(ending)


def test_changing_the_environment_needs_a_token(home: Home) -> None:
    with_key = home.settings(TRIGGER_SECRET_KEY=KEY)
    assert with_key.target(Destination(environment="production")).secret_key == Secret(KEY)
    with pytest.raises(ConfigError, match=r"belongs to prod.*access token"):
        with_key.target(Destination(environment="stg"))
    with_both = home.settings(
        TRIGGER_SECRET_KEY=KEY, TRIGGER_ACCESS_TOKEN=TOKEN, TRIGGER_PROJECT_REF="proj_a"
    )
    target = with_both.target(Destination(environment="staging"))
    assert (target.secret_key, target.environment) == (None, "stg")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('them = "dark"', r"config.toml:1: unknown setting 'them'; did you mean 'theme'\?"),
        ('# c\n[profiles.a]\nsecret_en = "X"', r":3: unknown setting 'secret_en'; did you mean"),
        ("[profiles.a]\nread_only = 1", r":2: read_only must be true or false"),
        ("rate_share = 2", r":1: rate_share must be a number above 0"),
        ('columns = "a"', r":1: columns must be a list of texts"),
        ("[keys]\na = 1", r":1: keys must be a table of texts"),
        ('[profiles.a]\nsecret_env="X"\nsecret_command="y"', r":3: .*keep one of them"),
        ('profile = "prod"\n[profiles.prd]', r":1: there is no profile 'prod'; did you mean 'prd'"),
        ("[profiles]\na = 1", r":1: profiles must be tables"),
        ("[profile.a]", r":1: profile must be the name of a profile; .*\[profiles.NAME\]"),
        ('theme = "drak"', r":1: theme must be one of dark, light, contrast"),
        ('[profiles.a]\nbackend = ["trigger"]', r":2: backend must be one of trigger, workflow"),
        ('[profiles.a]\napi_url = "banana"', r":2: api_url must be an address"),
        ('[profiles.a]\nsecret_command = "op \'"', r":2: secret_command must be a command with"),
        ('[profiles.a]\nsecret_env = " "', r":2: secret_env must be a text that is not empty"),
        ('[profiles.a]\nsecret_keyring = "/me"', r":2: secret_keyring must be \"service/user\""),
        ("= 3", r"line 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(home: Home, text: str, message: str) -> None:
    home.write(text)
    with pytest.raises(ConfigError, match=message):
        read_config(home.config)


def test_the_check_names_all_mistakes_also_those_that_a_start_forgives(home: Home) -> None:
    home.write(
        'columns = ["status", "tsak"]\n[keys]\n"run.cancle" = "K"\n"run.tag" = "R"\n'
        '"run.replay" = "ctl+r"\n[views]\nbad = "status:faild"\n'
        '[profiles.a]\n[profiles.a.views]\nold = "sinze:3h"\n'
    )
    assert home.settings().ui().columns == ("status", "tsak")
    where = str(home.config)
    assert [mistake.removeprefix(where) for mistake in mistakes(home.config)] == [
        ":1: no column 'tsak'; did you mean 'task'?",
        ":3: no key is called 'run.cancle'; did you mean 'run.cancel'?",
        ":5: 'ctl+r' is no key; write ctrl+k, f5, space, K or ?",
        ":7: view bad: no status faild: do you mean failed?",
        ":10: view old: no field sinze:  do you mean since:?",
    ]
    home.write('theme = "drak"\nkey = 3\n[keys]\n"run.tag" = "R"\n')
    assert len(list(mistakes(home.config))) == 2
    home.write('[keys]\n"run.tag" = "R"\n')
    assert list(mistakes(home.config)) == [f"{where}:2: R is both run.replay and run.tag"]
    home.config.unlink()
    assert list(mistakes(home.config)) == []


def test_columns_that_stand_twice_are_named_like_those_that_do_not_exist(home: Home) -> None:
    home.write('columns = ["task", "status", "task", "tsak"]\n')
    where = str(home.config)
    assert [mistake.removeprefix(where) for mistake in mistakes(home.config)] == [
        ":1: the column 'task' stands 2 times",
        ":1: no column 'tsak'; did you mean 'task'?",
    ]


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5_000, "a = " + "{a=" * 5_000, "a = " + "9" * 5_000, "[" * 5_000]
)
def test_a_file_that_cannot_be_parsed_is_named(home: Home, text: str) -> None:
    home.write(text)
    with pytest.raises(ConfigError, match=str(home.config)):
        read_config(home.config)


@pytest.mark.parametrize("told", ["1", "true", "YES", " on "])
def test_the_environment_forbids_writing_whatever_a_profile_says(home: Home, told: str) -> None:
    home.write('[profiles.a]\nsecret_env = "MY_KEY"\nread_only = false\n')
    settings = home.settings(MY_KEY=KEY, TRIGDASH_READ_ONLY=told)
    assert settings.target().read_only
    assert settings.ui().read_only
    assert settings.target(Destination(profile="a")).read_only
    assert home.settings(Flags(profile="a"), MY_KEY=KEY, TRIGDASH_READ_ONLY=told).target().read_only
    assert any("read-only    yes" in line for line in profile_lines(settings))


@pytest.mark.parametrize("told", ["", "0", "false", "no"])
def test_an_environment_that_forbids_nothing_leaves_it_to_the_profile(
    home: Home, told: str
) -> None:
    home.write('[profiles.a]\nsecret_env = "MY_KEY"\nread_only = true\n[profiles.b]\n')
    settings = home.settings(TRIGGER_SECRET_KEY=KEY, MY_KEY=KEY, TRIGDASH_READ_ONLY=told)
    assert not settings.target().read_only
    assert settings.target(Destination(profile="a")).read_only


def test_a_word_that_may_mean_either_is_refused(home: Home) -> None:
    with pytest.raises(ConfigError, match="TRIGDASH_READ_ONLY is maybe"):
        home.settings(TRIGGER_SECRET_KEY=KEY, TRIGDASH_READ_ONLY="maybe").target()


@pytest.mark.parametrize(
    ("variables", "branch"),
    [
        ({"TRIGGER_SECRET_KEY": OTHER_KEY}, "mine"),
        ({"TRIGGER_SECRET_KEY": OTHER_KEY, "TRIGGER_PREVIEW_BRANCH": "feature"}, "mine"),
        ({"TRIGGER_ACCESS_TOKEN": TOKEN, "TRIGGER_PROJECT_REF": "proj_a"}, "mine"),
        ({"TRIGGER_SECRET_KEY": KEY}, None),
        ({"TRIGGER_SECRET_KEY": KEY, "TRIGGER_PREVIEW_BRANCH": "feature"}, "feature"),
    ],
)
def test_a_branch_of_the_dev_environment_has_a_variable_of_its_own(
    home: Home, variables: dict[str, str], branch: str | None
) -> None:
    assert home.settings(TRIGGER_DEV_BRANCH="mine", **variables).target().branch == branch
    flag = home.settings(Flags(branch="flag"), TRIGGER_DEV_BRANCH="mine", **variables)
    assert flag.target().branch == "flag"


def test_a_mark_at_the_beginning_of_the_file_is_no_mistake(home: Home) -> None:
    home.config.write_bytes(b'\xef\xbb\xbftheme = "light"')
    assert read_config(home.config).habits.theme == "light"


KEYRING = """
from keyring.errors import KeyringError

def get_password(service, user):
    if service == "locked":
        raise KeyringError("nobody opened it")
    return {{("trigdash", "me"): {key!r}}}.get((service, user))
"""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The system's keyring with one key in it, as the package of that name tells of it."""
    package = tmp_path / "packages" / "keyring"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING.format(key=KEY))
    (package / "errors.py").write_text("class KeyringError(Exception): ...\n")
    monkeypatch.syspath_prepend(str(package.parent))
    for name in ("keyring", "keyring.errors"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield
    for name in ("keyring", "keyring.errors"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("keyring")
def test_the_keyring_tells_the_secret_or_why_it_does_not(home: Home) -> None:
    home.write('[profiles.a]\nsecret_keyring = "trigdash/me"')
    assert home.settings().target().secret_key == Secret(KEY)
    home.write('[profiles.a]\nsecret_keyring = "trigdash/you"')
    with pytest.raises(ConfigError, match="keyring trigdash/you is empty"):
        home.settings().target()
    home.write('[profiles.a]\nsecret_keyring = "locked/me"')
    with pytest.raises(ConfigError, match=r"keyring locked/me cannot be opened \(KeyringError\)"):
        home.settings().target()


@pytest.mark.skipif(os.name != "posix", reason="file modes are a thing of POSIX")
@pytest.mark.parametrize("key", ["secret_key", "access_token"])
def test_a_secret_in_an_open_file_is_refused(home: Home, key: str) -> None:
    home.write(f'[profiles.a]\n{key} = "{KEY}"', mode=0o644)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        read_config(home.config)
    assert KEY not in str(caught.value)
    home.config.chmod(0o600)
    profile = read_config(home.config).profiles["a"]
    assert profile.secret or profile.access_token


def test_a_command_tells_the_secret_when_it_is_needed_and_not_before(home: Home) -> None:
    told = home.path / "told"
    program = f"open({str(told)!r}, 'a').write('x'); print({KEY!r}); print('more')"
    home.write(f"[profiles.a]\nsecret_command = {json.dumps([sys.executable, '-c', program])}")
    settings = home.settings()
    settings.ui()
    assert list(profile_lines(settings))
    assert not told.exists()
    assert settings.target().secret_key == Secret(KEY)
    assert told.read_text() == "x"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/does/not/exist"], "secret_command /does/not/exist: not run"),
        (["a\0b"], "secret_command a\0b: not run"),
        ([sys.executable, "-c", "raise SystemExit(3)"], r"secret_command .* failed \(3\)"),
        (
            [sys.executable, "-c", "while True: print('tr_prod_' * 1000)"],
            "secret_command .*: prints more than 64 KiB",
        ),
    ],
)
def test_a_command_that_fails_is_named(home: Home, command: list[str], words: str) -> None:
    home.write(f"[profiles.a]\nsecret_command = {json.dumps(command)}")
    with pytest.raises(ConfigError, match=words):
        home.settings().target()


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        # Its child holds on to the pipe.
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(2)'])",
    ],
)
def test_a_command_that_does_not_end_is_given_up(program: str) -> None:
    with pytest.raises(ConfigError, match="took too long"):
        first_line([sys.executable, "-c", program], os.environ, timeout_s=0.3)


@pytest.mark.parametrize(
    "address", ["https://a.test\r", "https://a.test\n", " https://a.test\t", "\r\nhttps://a.test/"]
)
def test_what_stands_around_an_address_is_dropped_wherever_it_comes_from(
    home: Home, address: str
) -> None:
    home.log_in(default={"accessToken": TOKEN, "apiUrl": address})
    plain = address.strip()
    assert home.settings().resolve()["api_url"].value == plain
    assert f"  server       {plain}" in "\n".join(profile_lines(home.settings()))
    home.write(f"[profiles.a]\napi_url = {json.dumps(address)}\nsecret_env = 'KEY'")
    assert home.settings(KEY=KEY).target().api_url == plain
    assert home.settings(TRIGGER_API_URL=address, KEY=KEY).target().api_url == plain
    assert home.settings(Flags(api_url=address), KEY=KEY).target().api_url == plain


def test_what_stands_around_other_values_is_dropped_too(home: Home) -> None:
    settings = home.settings(
        TRIGGER_ACCESS_TOKEN=f"{TOKEN}\r\n",
        TRIGGER_PROJECT_REF="proj_abc\r",
        TRIGGER_PREVIEW_BRANCH="\tfeature\n",
        TRIGGER_API_URL=" \n",
    )
    target = settings.target()
    assert (target.project, target.branch, target.api_url) == ("proj_abc", "feature", CLOUD_URL)
    assert target.access_token == Secret(TOKEN)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://exa\nmple.test", "it is not an address"),
        ("http://example.test", "plain http to example.test would send the key unencrypted"),
        ("example.test", "the address must begin with https://"),
        ("https://a..b", "it is not an address"),
    ],
)
def test_an_address_that_cannot_be_used_stops_the_start(
    home: Home, address: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        home.settings(TRIGGER_SECRET_KEY=KEY, TRIGGER_API_URL=address).check_way()


def test_a_proxy_that_cannot_be_used_stops_the_start_where_it_is_on_the_way(home: Home) -> None:
    settings = home.settings(TRIGGER_SECRET_KEY=KEY, HTTPS_PROXY="http://me:pw@proxy:notaport")
    with pytest.raises(ConfigError, match=r"HTTPS_PROXY cannot be used: http://proxy:notaport"):
        settings.check_way()
    home.settings(TRIGGER_SECRET_KEY=KEY, HTTP_PROXY="foo://bar").check_way()
    home.settings(
        TRIGGER_SECRET_KEY=KEY, HTTPS_PROXY="foo://bar", NO_PROXY="trigger.dev"
    ).check_way()


# Every setting of a file takes effect


def test_every_setting_of_the_example_is_read(home: Home) -> None:
    home.write("""
profile = "cloud"
rate_share = 0.25
theme = "light"
ascii = true
columns = ["status", "task"]

[profiles.cloud]
secret_env = "CLOUD_KEY"
access_token = "tr_pat_fileonly000000000000000"
project = "proj_abc"
environment = "production"
branch = "feature"
read_only = true
rate_share = 0.5

[profiles.cloud.views]
failing = "status:failed"

[profiles.flows]
backend = "workflow"
api_url = "http://flows.test:3000"
secret_key = "flows-secret"
allow_http = true
auth_header = "x-api-key"
auth_scheme = "Key "
account = "me"
limit = 30
theme = "dark"
ascii = false

[keys]
"run.cancel" = "K"

[views]
all = ""
""")
    settings = home.settings(CLOUD_KEY=KEY)
    target = settings.target()
    assert (target.rate_share, target.read_only) == (0.5, True)
    assert (target.project, target.environment, target.branch) == ("proj_abc", "prod", "feature")
    assert target.secret_key == Secret(KEY)
    assert target.access_token == Secret("tr_pat_fileonly000000000000000")
    ui = settings.ui()
    assert (ui.theme, ui.ascii, ui.columns) == ("light", True, ("status", "task"))
    assert dict(ui.keys) == {"run.cancel": "K"}
    assert dict(ui.views) == {"all": "", "failing": "status:failed"}

    flows = settings.target(Destination(profile="flows"))
    assert (flows.backend, flows.api_url) == ("workflow", "http://flows.test:3000")
    assert (flows.rate_share, flows.read_only, flows.allow_http) == (0.25, False, True)
    assert (flows.auth_header, flows.auth_scheme, flows.account) == ("x-api-key", "Key ", "me")
    assert flows.limit == 30
    there = ui.of_profile("flows")
    assert (there.theme, there.ascii) == ("dark", False)


@pytest.mark.parametrize("share", ["0.000001", "0.1", "1", "1.0"])
def test_a_share_within_its_bounds_is_taken(home: Home, share: str) -> None:
    home.write(f"rate_share = {share}")
    assert home.settings(TRIGGER_SECRET_KEY=KEY).target().rate_share == float(share)


@pytest.mark.parametrize("share", ["0", "-0.1", "1.01", "true", '"0.1"', "inf", "nan"])
def test_a_share_beyond_its_bounds_is_named(home: Home, share: str) -> None:
    home.write(f"rate_share = {share}")
    with pytest.raises(ConfigError, match="rate_share must be a number above 0 and up to 1"):
        home.settings()


@pytest.mark.parametrize("value", ["5", "[]", "[1]", "true", '""', '" "', "{a = 1}"])
def test_a_command_that_is_none_is_named(home: Home, value: str) -> None:
    home.write(f"[profiles.a]\nsecret_command = {value}")
    with pytest.raises(ConfigError, match=":2: secret_command must be a command"):
        home.settings()


def test_of_several_profiles_the_one_named_default_is_used(home: Home) -> None:
    home.write("[profiles.a]\nsecret_env='A'\n[profiles.default]\nsecret_env='B'")
    settings = home.settings(A=OTHER_KEY, B=KEY)
    assert settings.start_profile() == "default"
    assert settings.target().secret_key == Secret(KEY)
    assert settings.ui().profile == "default"
    home.write("[profiles.a]\n[profiles.b]")
    assert home.settings().start_profile() is None


def test_color_is_off_by_the_flag_and_by_the_variable(home: Home) -> None:
    assert home.settings().ui().color
    assert not home.settings(Flags(color=False)).ui().color
    assert not home.settings(NO_COLOR="1").ui().color
    assert home.settings(NO_COLOR="").ui().color


@pytest.mark.parametrize("text", ["tr_prod_ключ", "tr_prod_a\nb", "tr_prod_\x1b[31m"])
def test_a_secret_that_no_request_can_carry_is_named_and_not_shown(home: Home, text: str) -> None:
    with pytest.raises(ConfigError, match="environment variable TRIGGER_SECRET_KEY") as caught:
        home.settings(TRIGGER_SECRET_KEY=text).target()
    assert text[8:] not in str(caught.value)


def test_an_unknown_profile_is_answered_with_the_known_ones(home: Home) -> None:
    home.write("[profiles.a]\n[profiles.b]\n")
    with pytest.raises(ConfigError, match="'c'; known: a, b"):
        home.settings(Flags(profile="c")).ui()


def test_screens_are_told_what_is_known_before_the_first_answer(home: Home) -> None:
    home.write(
        'theme = "light"\ncolumns = ["status", "task"]\n'
        '[keys]\n"run.cancel" = "x"\n[views]\nbad = "status:failed"\n'
        '[profiles.a]\nsecret_env = "K"\nread_only = true\n[profiles.a.views]\nmine = "tag:me"\n'
    )
    ui = home.settings(K=KEY, NO_COLOR="1").ui()
    assert (ui.theme, ui.read_only, ui.color, ui.profile) == ("light", True, False, "a")
    assert ui.columns == ("status", "task")
    assert dict(ui.keys) == {"run.cancel": "x"}
    assert dict(ui.views) == {"bad": "status:failed", "mine": "tag:me"}
    assert ui.environment == "prod"
    assert ui.server == "api.trigger.dev"
    assert ui.reach == Reach(period="7d")


def test_screens_are_told_what_a_system_can_be_asked_before_it_is_asked(home: Home) -> None:
    home.write(
        '[profiles.a]\n[profiles.b]\nbackend = "workflow"\napi_url = "https://b.test"\n'
        '[profiles.c]\nbackend = "recoup"\napi_url = "https://c.test"\n'
    )
    profiles = home.settings().ui().profiles
    assert profiles["a"].supported_filters == ANY
    assert "suspended" in profiles["b"].supported_filters.statuses
    assert profiles["b"].reach == Reach()
    assert profiles["c"].supported_filters.system == "the Recoup API"
    assert profiles["c"].reach == Reach(newest=100)


def test_no_listing_and_no_repr_shows_a_secret(home: Home) -> None:
    home.write(f'[profiles.a]\nsecret_key = "{KEY}"\naccess_token = "{TOKEN}"')
    home.log_in(default={"accessToken": TOKEN})
    settings = home.settings(TRIGGER_SECRET_KEY=OTHER_KEY)
    shown = "\n".join(profile_lines(settings)) + repr(settings.file) + repr(settings.official)
    shown += repr(settings.target()) + repr(settings.ui())
    for secret in (KEY, TOKEN, OTHER_KEY):
        assert secret not in shown
    assert "secret key of prod in the file" in shown


def test_plain_http_is_named_as_refused_in_the_listing(home: Home) -> None:
    lines = list(profile_lines(home.settings(TRIGGER_API_URL="http://example.test")))
    assert any("unencrypted" in line for line in lines)
    assert CLOUD_URL not in lines[-1]


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {secret!s} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == KEY
    assert secret.environment == "prod"
    assert not secret.is_access_token
    assert Secret(TOKEN).is_access_token
    assert Secret(TOKEN).environment is None


@pytest.mark.parametrize(
    ("address", "is_unencrypted"),
    [
        ("http://jobs.example.com", True),
        ("HTTP://10.0.0.7:3030", True),
        ("https://jobs.example.com", False),
        ("http://127.0.0.1:3030", False),
        ("http://localhost:3030", False),
    ],
)
def test_plain_http_is_permitted_by_one_profile_alone_and_told(
    home: Home, address: str, is_unencrypted: bool
) -> None:
    home.write(
        f'[profiles.plain]\napi_url = "{address}"\nallow_http = true\nsecret_env = "K"\n'
        '[profiles.other]\nsecret_env = "K"\n'
    )
    ui = home.settings(Flags(profile="plain"), K=KEY).ui()
    assert ui.is_unencrypted is is_unencrypted
    assert not ui.of_profile("other").is_unencrypted
