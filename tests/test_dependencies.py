"""What trigdash is made of: licenses that may be passed on, bounds where a release may break."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
RUNTIME: list[str] = PROJECT["dependencies"]

PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software|Mozilla Public License 2|MPL-2")
"""May be used and passed on by anybody. MPL asks for changes of its own files alone."""

UNBOUNDED = {
    "typing-extensions": "only ever adds, by its own promise",
    "tzdata": "data, named by its year",
    "regex": "named by its date; what is used of it is held against `re` by a test",
    "wcwidth": "follows Unicode; what is used of it is one function",
}
"""Dependencies without an upper bound, and why that breaks nobody."""


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None, requirement
    return found[0]


def all_of(requirements: list[str]) -> dict[str, Distribution]:
    """What is installed for some requirements, with all that it needs itself."""
    found: dict[str, Distribution] = {}
    waiting = [name_of(each) for each in requirements]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # for another system, or an extra that nobody asked for
            continue
        needed = found[name].requires or []
        waiting += [name_of(each) for each in needed if "extra ==" not in each]
    return found


def license_of(package: Distribution) -> str:
    """As the package tells it: an expression, else its classifiers, else free text."""
    told = package.metadata
    classifiers = [c for c in told.get_all("Classifier", []) if c.startswith("License ::")]
    return told["License-Expression"] or " ".join(classifiers) or told["License"] or ""


@pytest.mark.parametrize("name", sorted(all_of(RUNTIME)))
def test_what_trigdash_needs_may_be_passed_on(name: str) -> None:
    told = license_of(distribution(name))
    assert PERMISSIVE.search(told), told
    assert "GPL" not in told


def test_no_part_of_it_is_missed() -> None:
    assert {"textual", "rich", "httpx", "httpcore", "h11", "certifi", "socksio"} <= set(
        all_of([*RUNTIME, "socksio"])
    )


@pytest.mark.parametrize("requirement", RUNTIME)
def test_a_release_that_may_break_is_not_taken_unseen(requirement: str) -> None:
    assert ("<" in requirement) is not (name_of(requirement) in UNBOUNDED)
