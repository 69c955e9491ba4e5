"""A new profile: friendly answers to what cannot be, and a file that only its owner reads."""

import stat
from pathlib import Path

import pytest

from trigdash.backends.target import Secret
from trigdash.config.file import ConfigFile, read_config
from trigdash.config.login import Answers, NewProfile, read_answers, save_profile
from trigdash.config.options import ConfigError
from trigdash.config.profile import Profile

KEY = "tr_prod_TESTONLYA00000000000"
TOKEN = "tr_pat_testonly0000000000000000000000000000000"
HOME = "https://trigger.example.test"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (Answers("trigger.example.test", KEY), "write https://trigger.example.test"),
        (Answers("localhost:3030", KEY), "write http://localhost:3030"),
        (Answers("https://", KEY), "the address (https:)"),
        (Answers("http://trigger.example.test", KEY), "trigdash login --allow-http"),
        (Answers("https://cloud.trigger.dev/orgs/acme", KEY), "the API is https://api.trigger.dev"),
        (Answers(HOME, " "), "a key is needed"),
        (Answers(HOME, "proj_abcdef"), "the reference of a project, not a key"),
        (Answers(HOME, HOME), "an address, not a key"),
        (Answers(HOME, "pk_prod_abc"), "a public token"),
        (Answers(HOME, "eyJhbGciOi"), "a public token"),
        (Answers(HOME, "sk_live_abc"), "no key begins like this"),
        (Answers(HOME, "tr_prod_ä"), "copy it once more"),
        (Answers(HOME, "tr_prod_a b"), "copy it once more"),
        (Answers(HOME, KEY, "a b"), "a name is made of"),
        (Answers(HOME, KEY, "here"), "choose another name"),
        (Answers(HOME, KEY, project="acme"), "begin with proj_"),
    ],
)
def test_what_cannot_be_is_answered_with_what_to_do_next(answers: Answers, words: str) -> None:
    file = ConfigFile(Path("config.toml"), profiles={"here": Profile("here")})
    with pytest.raises(ConfigError) as raised:
        read_answers(answers, file)
    assert words in str(raised.value)
    assert not answers.key.strip() or answers.key not in str(raised.value).replace(HOME, "")


def test_a_profile_is_called_by_its_keys_environment_unless_it_has_a_name() -> None:
    file = ConfigFile(Path("config.toml"))
    assert read_answers(Answers(key=KEY), file).name == "prod"
    assert read_answers(Answers(key=TOKEN), file).name == "default"
    assert read_answers(Answers(key=f" {KEY}\n", name="mine"), file).key == Secret(KEY)
    plain = read_answers(Answers("http://a.test/", KEY, allow_http=True), file)
    assert (plain.address, plain.allow_http) == ("http://a.test", True)


def test_a_saved_profile_is_read_back_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    save_profile(path, NewProfile("prod", HOME, Secret(KEY)))
    save_profile(path, NewProfile("me", HOME, Secret(TOKEN), "proj_a", allow_http=True))
    file = read_config(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert file.profiles["prod"].secret is not None
    assert file.profiles["prod"].secret.value == Secret(KEY)
    me = file.profiles["me"]
    assert me.access_token is not None
    assert (me.access_token.value, me.project, me.allow_http) == (Secret(TOKEN), "proj_a", True)


def test_what_stands_in_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = '# mine\ntheme = "light"  # bright\n\n[keys]\n"run.cancel" = "K"'
    path.write_text(before)
    path.chmod(0o644)
    save_profile(path, NewProfile("prod", HOME, Secret(KEY)))
    assert path.read_text().startswith(before)
    assert read_config(path).habits.keys == {"run.cancel": "K"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_take_a_profile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("profiles = {}\n")
    with pytest.raises(ConfigError):
        save_profile(path, NewProfile("prod", HOME, Secret(KEY)))
    assert path.read_text() == "profiles = {}\n"
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be written: it is a folder"):
        save_profile(path, NewProfile("prod", HOME, Secret(KEY)))
